"""Which process carries a run out, so that a run whose process was killed does not seem to go on for ever.

A process is known by its host, its number and the moment it began, because numbers are given out again. Where one
of these cannot be told, as in the container of somebody else, nobody is declared dead.
"""

from __future__ import annotations

import os
import re
import socket
from dataclasses import asdict, dataclass
from pathlib import Path

from landmark.store.store import Event, Run, Store

ZOMBIE = "Z"
"""The state of a process that has ended but whose parent has not yet asked how."""


@dataclass(frozen=True)
class Process:
    """One process: `space` is what its number is counted in, and `began` when it did; empty where nobody tells."""

    host: str
    number: int
    space: str
    began: str


def carried_here(store: Store, run: str) -> None:
    """Write down that this process carries the run out. A run stepped through by hand has none."""
    store.note(run, "process", asdict(Process(host(), os.getpid(), _space(), _began(os.getpid()))))


def end_the_dead(store: Store) -> None:
    """End as "killed" every run of this host that nobody is left to end."""
    for run in store.find(Run, status="running"):
        for carried in store.find(Event, run=run.id, event="process", limit=1):
            # Asked once more after its process is gone, because ending the run may have been the last thing it did.
            if _is_gone(Process(**carried.detail)) and store.find(Run, id=run.id, status="running"):
                store.note(run.id, "killed", carried.detail)
                store.end(run.id, "killed")


def host() -> str:
    """Return the name of this machine, of letters, digits and dashes."""
    return re.sub("[^A-Za-z0-9-]", "-", socket.gethostname())


def is_alive(number: int) -> bool:
    """Return whether a process of this machine may still be running; where that cannot be asked, it may."""
    if os.name != "posix":  # there, signal 0 would not ask but kill
        return True
    try:
        os.kill(number, 0)
    except ProcessLookupError:
        return False
    except PermissionError:  # somebody else's
        return True
    return _status(number)[:1] != [ZOMBIE]


def _is_gone(process: Process) -> bool:
    if (process.host, process.space) != (host(), _space()):
        return False
    began = _began(process.number)
    return not is_alive(process.number) or ("" not in (began, process.began) and began != process.began)


def _space() -> str:
    """Return what numbers of processes are counted in: a container may count its own, under the host's name."""
    try:
        return str(Path("/proc/self/ns/pid").readlink())
    except OSError:  # only Linux tells
        return ""


def _began(number: int) -> str:
    """Return the moment a process began: which start of the machine, and the clock's ticks since then."""
    boot, status = _read("/proc/sys/kernel/random/boot_id").strip(), _status(number)
    return f"{boot} {status[19]}" if boot and status else ""


def _status(number: int) -> list[str]:
    """Return what Linux tells of a process, from its state on (proc(5), stat, field 3); nothing where it does not."""
    return _read(f"/proc/{number}/stat").rpartition(")")[2].split()


def _read(place: str) -> str:
    try:
        return Path(place).read_text(errors="replace")
    except OSError:
        return ""
