"""The verbs of the command line for Python: what a command does, these functions do."""

from landmark.api.contracts import Suggested, Validated, accept, schema, validate
from landmark.api.history import compare, lineage, mark, model_json, models, report, reproduce, run_step, runs
from landmark.api.serving import serve
from landmark.api.summaries import summary
from landmark.api.training import Checked, Trained, check, train
from landmark.api.using import answers, evaluate, feedback, predict_file
from landmark.serving.predictor import load

__all__ = [
    "Checked",
    "Suggested",
    "Trained",
    "Validated",
    "accept",
    "answers",
    "check",
    "compare",
    "evaluate",
    "feedback",
    "lineage",
    "load",
    "mark",
    "model_json",
    "models",
    "predict_file",
    "report",
    "reproduce",
    "run_step",
    "runs",
    "schema",
    "serve",
    "summary",
    "train",
    "validate",
]
