"""What several tests share: database servers, and the option that makes a missing part a failure."""

from __future__ import annotations

from collections.abc import Iterator

import databases
import pytest


@pytest.fixture(scope="session")
def postgresql() -> Iterator[databases.Server]:
    with databases.postgresql() as server:
        yield server


@pytest.fixture(scope="session")
def mariadb() -> Iterator[databases.Server]:
    with databases.mariadb() as server:
        yield server


@pytest.fixture(params=["postgresql", "mariadb"])
def server(request: pytest.FixtureRequest) -> databases.Server:
    """Each kind of server there is."""
    running: databases.Server = request.getfixturevalue(request.param)
    return running
