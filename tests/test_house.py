"""The rules of the house, held by machine: floors, budgets, names, and what an import may cost."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

SOURCE = Path(__file__).resolve().parents[1] / "src" / "landmark"
FILES = sorted(SOURCE.rglob("*.py"))
FILE_LINES, FUNCTION_LINES = 400, 60
UNLOVED = ("utils", "helpers", "common", "constants", "base_", "_mixin", "manager", "handler", "processor")


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(SOURCE)))
def test_files_and_functions_keep_their_budgets(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.count("\n") <= FILE_LINES
    long = {
        node.name: lines
        for node in ast.walk(ast.parse(text))
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
        and (lines := (node.end_lineno or 0) - node.lineno + 1) > FUNCTION_LINES
    }
    assert not long


def test_names_say_what_is_inside() -> None:
    bad = [p for p in FILES if any(word in p.stem.lower() for word in UNLOVED)]
    classes = [
        f"{p.stem}.{node.name}"
        for p in FILES
        for node in ast.walk(ast.parse(p.read_text(encoding="utf-8")))
        if isinstance(node, ast.ClassDef) and node.name.endswith(("Manager", "Handler", "Processor", "Mixin", "Base"))
    ]
    assert not bad and not classes


def test_inheritance_stays_flat() -> None:
    """No class of ours is more than two steps from a class of somebody else."""
    parents: dict[str, list[str]] = {}
    for path in FILES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ClassDef):
                parents[node.name] = [base.id for base in node.bases if isinstance(base, ast.Name)]

    def depth(name: str) -> int:
        own = [p for p in parents.get(name, []) if p in parents and p != name]
        return 1 + max(map(depth, own), default=0) if name in parents else 0

    assert {name: depth(name) for name in parents if depth(name) > 3} == {}


@pytest.mark.parametrize(
    "module", ["landmark", "landmark.cli", "landmark.config", "landmark.serving.predictor", "landmark.serving.app"]
)
def test_heavy_packages_are_imported_where_they_are_used(module: str) -> None:
    heavy = ("sklearn", "lightgbm", "pandas", "torch", "polars", "bokeh", "scipy", "PIL", "pint", "alembic")
    code = f"import sys, {module}; print([m for m in {heavy} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


ROOMS = ("numpy", "pyarrow", "onnx", "onnxruntime", "sqlalchemy", "pydantic", "rich")


def test_help_imports_no_room() -> None:
    code = (
        "import sys\nfrom landmark.cli import main\n"
        "try: main(['train', '--help'])\nexcept SystemExit: pass\n"
        f"print([m for m in {ROOMS} if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip().endswith("[]")


def test_floors_and_families() -> None:
    done = subprocess.run(
        [str(Path(sys.executable).parent / "lint-imports")], capture_output=True, text=True, cwd=SOURCE.parents[1]
    )
    assert done.returncode == 0, done.stdout
    assert "ignore_imports" not in (SOURCE.parents[1] / ".importlinter").read_text(encoding="utf-8")
