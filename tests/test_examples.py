"""The example notebook runs from top to bottom, and its last cell holds answers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient

EXAMPLES = Path(__file__).resolve().parents[1] / "examples"


@pytest.mark.filterwarnings("default")
@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("*.ipynb")), ids=lambda path: path.stem)
def test_notebook_runs(path: Path, tmp_path: Path) -> None:
    read: Any = nbformat.read
    notebook = read(path, as_version=4)
    NotebookClient(
        notebook, timeout=300, kernel_name="python3", resources={"metadata": {"path": str(tmp_path)}}
    ).execute()
    (shown,) = notebook.cells[-1].outputs[-1:]
    assert "refund" in shown["data"]["text/html"]


def test_there_is_a_notebook_for_the_steps() -> None:
    assert "steps_by_hand" in {path.stem for path in EXAMPLES.glob("*.ipynb")}
