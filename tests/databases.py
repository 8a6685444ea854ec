"""Database servers of the tests' own: made in a folder, reached through a socket in it, gone afterwards."""

from __future__ import annotations

import os
import secrets
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine

LATEST_S = 60.0
USER = "nobody" if os.name == "posix" and os.geteuid() == 0 else None
"""Neither server wants to run as root."""


@dataclass(frozen=True)
class Server:
    """A running server: the address of a database of it, as a person writes it, and the driver behind that."""

    address: str
    driver: str
    first: str
    """A database that is there from the beginning."""

    def database(self) -> str:
        """Make an empty database and return its address."""
        name = f"d{secrets.token_hex(8)}"
        self.execute(f"create database {name}")
        return self.address.format(name)

    def driven(self, address: str) -> str:
        """Return an address with the driver said."""
        return address.replace(address.partition(":")[0], self.driver, 1)

    def execute(self, *statements: str, address: str | None = None) -> None:
        """Carry out statements of SQL, each by itself."""
        engine = create_engine(self.driven(address or self.address.format(self.first)), isolation_level="AUTOCOMMIT")
        engine = engine.execution_options(no_parameters=True)
        try:
            with engine.connect() as connection:
                for statement in statements:
                    connection.exec_driver_sql(statement)
        finally:
            engine.dispose()


@contextmanager
def postgresql() -> Iterator[Server]:
    """Yield a server of PostgreSQL, or skip the test where there is none."""
    initdb = _found("initdb", "psycopg", "psycopg[binary]")
    with _folder() as folder:
        server = [initdb.resolve().with_name("pg_ctl"), "-D", folder / "data", "-w"]
        _call(folder, initdb, "-A", "trust", "--no-sync", "-U", "landmark", "-E", "UTF8", "-D", folder / "data")
        settings = f"-k {folder} -c listen_addresses='' -c fsync=off"
        _call(folder, *server, "-l", folder / "log", "-o", settings, "start")
        try:
            yield Server(f"postgresql://landmark@/{{}}?host={folder}", "postgresql+psycopg", "postgres")
        finally:
            _call(folder, *server, "-m", "immediate", "stop")


@contextmanager
def mariadb() -> Iterator[Server]:
    """Yield a server of MariaDB, or skip the test where there is none."""
    install = _found("mariadb-install-db", "pymysql", "PyMySQL")
    with _folder() as folder:
        places = ["--no-defaults", f"--basedir={install.resolve().parents[1]}", f"--datadir={folder / 'data'}"]
        _call(folder, install, *places, "--auth-root-authentication-method=normal", "--skip-test-db")
        quick = ["--innodb-flush-log-at-trx-commit=0", "--innodb-buffer-pool-size=16M", "--skip-networking"]
        line = [str(_which("mariadbd")), *places, *quick, f"--socket={folder / 'socket'}"]
        with (folder / "log").open("wb") as log:
            running = subprocess.Popen(line, cwd=folder, user=USER, stdout=log, stderr=log)
        try:
            _wait(folder / "socket", running, folder / "log")
            address = f"mariadb://root@localhost/{{}}?unix_socket={folder / 'socket'}"
            yield Server(address, "mariadb+pymysql", "mysql")
        finally:
            running.terminate()
            running.wait(LATEST_S)


def _wait(place: Path, running: subprocess.Popen[bytes], log: Path) -> None:
    """Return when a server takes connections. Asked by the driver, each refusal would leave a socket open."""
    until = time.monotonic() + LATEST_S
    while running.poll() is None and time.monotonic() < until:
        with socket.socket(socket.AF_UNIX) as probe:
            if probe.connect_ex(str(place)) == 0:
                return
        time.sleep(0.1)
    raise AssertionError(log.read_text(errors="replace"))


def _found(program: str, driver: str, package: str) -> Path:
    """Return where a program is, or skip the test with the part that is missing."""
    if find_spec(driver) is None:
        pytest.skip(f"{driver} is not installed: pip install '{package}'")
    place = _which(program)
    if place is None:
        pytest.skip(f"no server here: {program} is not found")
    return place


def _which(program: str) -> Path | None:
    """Return where a program is; Debian keeps those of servers apart."""
    apart = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    place = shutil.which(program, path=os.pathsep.join([os.environ["PATH"], "/usr/sbin", *map(str, apart)]))
    return None if place is None else Path(place)


@contextmanager
def _folder() -> Iterator[Path]:
    """Yield an empty folder of the server's user with a short name, because that of a socket must be short."""
    folder = Path(tempfile.mkdtemp(prefix="landmark-", dir="/tmp"))
    try:
        if USER is not None:
            shutil.chown(folder, USER)
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _call(folder: Path, *line: Any) -> None:
    """Run a program as the server's user. It writes to a file: a pipe would stay open as long as the server."""
    with (folder / "said").open("w+b") as said:
        done = subprocess.run([str(word) for word in line], cwd=folder, user=USER, stdout=said, stderr=said)
        said.seek(0)
        assert done.returncode == 0, said.read().decode(errors="replace")
