"""The page about a run: the artifacts it is made of, brought together."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from landmark import __version__
from landmark.artifacts.candidates import Candidates
from landmark.artifacts.evaluation import Evaluation
from landmark.artifacts.manifest import ModelFile
from landmark.artifacts.profile import Profile
from landmark.artifacts.schema import Schema
from landmark.reports.data_page import DataStory, data_page, sides
from landmark.reports.page import Story, page
from landmark.runners import RunResult
from landmark.store.lineage import ancestry
from landmark.store.store import Mark, Store


def page_of(store: Store, result: RunResult, summary: dict[str, Any]) -> str:
    """Return the page about a finished run."""
    file, uri = result.get("model_file", ModelFile), result.uris["model_file"]
    candidates = result.get("ladder", Candidates)
    edges = ancestry(store, uri, result.run)
    uris = list(dict.fromkeys([uri, *(edge.parent for edge in edges)]))
    names = {each: name for name, each in result.uris.items()}
    return page(
        Story(
            name=file.manifest.name,
            summary=summary,
            evaluation=result.get("evaluation", Evaluation),
            profile=result.get("profile", Profile).train,
            schema=result.get("schema", Schema),
            labels={name: output.task.labels for name, output in candidates.outputs.items()},
            lineage=[
                {
                    "uri": each,
                    "step": names.get(each, "given"),
                    "parents": [{"uri": e.parent, "step": e.name} for e in edges if e.child == each],
                }
                for each in uris
            ],
            marks=[vars(mark) for mark in store.find(Mark, uri=uri)],
            made={"run": result.run, "model file": Path(summary["model"]).name, "Landmark": file.manifest.version},
        )
    )


def page_of_check(result: RunResult, summary: dict[str, Any], name: str) -> str:
    """Return the page about a table that was checked: training rows, and judging rows over them."""
    seen = result.get("profile", Profile)
    shown = sides(("training rows", seen.train), ("judging rows", seen.test))
    made = {"run": result.run, "Landmark": __version__}
    return data_page(DataStory(name=name, sides=shown, schema=result.get("schema", Schema), summary=summary, made=made))
