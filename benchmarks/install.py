"""What the core install weighs and costs: a fresh environment, pip, the wheels of today.

python benchmarks/install.py
"""

from __future__ import annotations

import datetime
import platform
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
RESULTS = ROOT / "benchmarks" / "results" / "install.md"


def main() -> None:
    """Install into a fresh environment and write the size and the time."""
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / "environment"
        subprocess.run([sys.executable, "-m", "venv", place], check=True)
        before = size(place)
        start = time.perf_counter()
        subprocess.run([place / "bin" / "python", "-m", "pip", "install", "--quiet", str(ROOT)], check=True)
        seconds = time.perf_counter() - start
        after = size(place)
        listed = subprocess.run(
            [place / "bin" / "pip", "list", "--format=freeze"], capture_output=True, text=True, check=True
        )
        shown = subprocess.run([place / "bin" / "landmark", "--help"], capture_output=True, text=True, check=True)
        assert "From raw columns" in shown.stdout
    when = datetime.datetime.now(datetime.UTC).date()
    text = (
        f"# Install of the core\n\n{when}; Python {platform.python_version()}, pip in a fresh environment, .pyc files included.\n"
        "Made by `python benchmarks/install.py`. Package indexes differ in speed: the seconds are those of this machine.\n\n"
        f"| MB of the environment | of which pip and the like | seconds | packages |\n|---|---|---|---|\n"
        f"| {after:.0f} | {before:.0f} | {seconds:.0f} | {len(listed.stdout.splitlines())} |\n"
    )
    RESULTS.write_text(text)
    print(text)


def size(place: Path) -> float:
    """Return the megabytes below a folder."""
    return sum(file.lstat().st_size for file in place.rglob("*") if file.is_file()) / 1e6


if __name__ == "__main__":
    main()
