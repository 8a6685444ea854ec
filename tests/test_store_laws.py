"""Every store keeps the laws of stores: SQLite beside the project, and PostgreSQL where the machine has one."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from functools import partial
from importlib.util import find_spec
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from landmark.core.errors import UserError
from landmark.laws.stores import LAWS, Law
from landmark.store.sql import open_store


@pytest.mark.parametrize("law", LAWS, ids=lambda law: law.__name__)
def test_sqlite(law: Law, tmp_path: Path) -> None:
    law(open_store, tmp_path)


@pytest.fixture(scope="session")
def postgres() -> Iterator[Path]:
    """Yield the folder of the socket of a PostgreSQL server of our own."""
    if find_spec("psycopg") is None:
        pytest.skip("psycopg is not installed: pip install 'psycopg[binary]'")
    if (shutil.which("initdb") is None) or (shutil.which("pg_ctl") is None):
        pytest.skip("no PostgreSQL server here: neither initdb nor pg_ctl is found")
    user = "nobody" if os.name == "posix" and os.geteuid() == 0 else None  # the server refuses to run as root
    folder = Path(tempfile.mkdtemp(prefix="landmark-pg-", dir="/tmp"))
    if user is not None:
        shutil.chown(folder, user)
    call = partial(subprocess.run, check=True, capture_output=True, user=user, cwd=folder)
    try:
        call(["initdb", "-A", "trust", "--no-sync", "-U", "landmark", "-E", "UTF8", "-D", str(folder / "data")])
        server = ["pg_ctl", "-D", str(folder / "data"), "-w", "-l", str(folder / "log")]
        call([*server, "-o", f"-k {folder} -c listen_addresses='' -c fsync=off", "start"])
        try:
            yield folder
        finally:
            call([*server, "-m", "immediate", "stop"])
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def database(postgres: Path, tmp_path: Path) -> Iterator[str]:
    """Yield the address of an empty database."""
    name = f"d{abs(hash(tmp_path))}"
    address = f"postgresql://landmark@/{{}}?host={postgres}"
    engine = create_engine(address.format("postgres").replace("://", "+psycopg://"), isolation_level="AUTOCOMMIT")
    try:
        with engine.connect() as connection:
            connection.execute(text(f"create database {name}"))
        yield address.format(name)
    finally:
        engine.dispose()


def test_a_password_is_not_told(postgres: Path, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="cannot be opened") as told:
        open_store(tmp_path, f"postgresql://landmark:secret@/nowhere?host={postgres}")
    assert "nowhere" in str(told.value) and "secret" not in str(told.value)


@pytest.mark.parametrize("law", LAWS, ids=lambda law: law.__name__)
def test_postgresql(law: Law, database: str, tmp_path: Path) -> None:
    law(partial(open_store, address=database), tmp_path)
