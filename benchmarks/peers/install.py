"""Install the other tools, each into an environment of its own under .peers/.

python benchmarks/peers/install.py [name ...]

The pins are the last versions that work with each other: where a tool names no upper bound, what it breaks on is bounded.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

PLACE = Path(__file__).resolve().parents[2] / ".peers"
PEERS = {
    # 0.18 is the last line with data assistants, which profile a table by themselves
    "great_expectations": ["great_expectations==0.18.22"],
    "deepchecks": ["deepchecks==0.19.1", "pandas<2.2", "numpy<2", "scikit-learn<1.5", "setuptools<80"],
    "ydata_profiling": ["ydata-profiling==4.18.4", "setuptools<80"],
    "duckdb": ["duckdb==1.4.2", "numpy", "pandas"],
    "polars": ["polars==1.35.2"],
    "evidently": ["evidently==0.7.23", "pandas<3"],
    "tfdv": [
        "tensorflow-data-validation==1.16.1",
        "tensorflow==2.16.2",
        "tensorflow-serving-api==2.16.1",
        "apache-beam==2.60.0",
        "setuptools<80",
    ],
}
LIMIT_S = 3000


def python(name: str) -> Path:
    """Return the interpreter of a tool."""
    return PLACE / name / "bin" / "python"


def install(name: str) -> None:
    """Install one tool; where it does not install, it has no interpreter afterwards."""
    subprocess.run([sys.executable, "-m", "venv", PLACE / name], check=True)
    command = [python(name), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *PEERS[name]]
    try:
        subprocess.run(command, check=True, timeout=LIMIT_S)
        print(f"{name}: installed", flush=True)
    except subprocess.SubprocessError as error:
        python(name).unlink()
        print(f"{name}: not installed ({error})", flush=True)


def main() -> None:
    """Install the tools named, all by default; one that does not install is left out, and said so."""
    for name in sys.argv[1:] or PEERS:
        install(name)


if __name__ == "__main__":
    main()
