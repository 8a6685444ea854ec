"""What several tests share: database servers, and the option that makes a missing part a failure."""

from __future__ import annotations

from collections.abc import Generator, Iterator

import databases
import pytest

EXCUSED = "shared data"
"""A test that looks at data sets that are not ours to hand out says so: a stranger cannot have them."""


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--require-all", action="store_true", help="fail where a test skips for want of a part")


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    _require(item.config, report)
    return report


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_make_collect_report(
    collector: pytest.Collector,
) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    report = yield
    _require(collector.config, report)
    return report


def _require(config: pytest.Config, report: pytest.TestReport | pytest.CollectReport) -> None:
    """Make a failure of a skip, where everything is required; what was expected to fail has another report."""
    if config.getoption("--require-all") and report.skipped and isinstance(report.longrepr, tuple):
        file, line, reason = report.longrepr
        if EXCUSED not in reason:
            report.outcome, report.longrepr = "failed", f"{reason}, and --require-all ({file}:{line})"


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
