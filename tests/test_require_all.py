"""The option of the tests themselves: with `--require-all` a skip for want of a part fails."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

TESTS = {
    "test_marked.py": "@pytest.mark.skipif(True, reason='no such program')\ndef test(): pass",
    "test_inside.py": "def test(): pytest.skip('no such server')",
    "test_whole.py": "pytest.importorskip('no_such_package')\ndef test(): pass",
    "test_excused.py": "def test(): pytest.skip('the shared data sets are not here')",
    "test_expected.py": "@pytest.mark.xfail(strict=True)\ndef test(): assert False",
    "test_well.py": "def test(): pass",
}


@pytest.mark.parametrize(
    ("option", "counted"),
    [
        ([], "1 passed, 4 skipped, 1 xfailed"),
        (["--require-all"], "1 failed, 1 passed, 1 skipped, 1 xfailed, 2 errors"),
    ],
)
def test_what_is_missing_fails_where_everything_is_required(tmp_path: Path, option: list[str], counted: str) -> None:
    for name, content in TESTS.items():
        (tmp_path / name).write_text(f"import pytest\n{content}\n")
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    plugin = ["-p", "conftest", "-p", "no:cacheprovider", "--continue-on-collection-errors", *option]
    paths = os.pathsep.join([str(Path(__file__).parent), *sys.path])
    line = [sys.executable, "-m", "pytest", *plugin]
    done = subprocess.run(line, cwd=tmp_path, env=os.environ | {"PYTHONPATH": paths}, capture_output=True, text=True)
    assert counted in done.stdout, done.stdout + done.stderr
    assert (done.returncode != 0) == bool(option)
    for reason in ("no such program", "no such server", "no_such_package"):
        assert (reason in done.stdout) == bool(option)
