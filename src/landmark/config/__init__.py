"""The document: landmark.yaml in, a frozen and fully resolved project out; every mistake at once."""

from landmark.config.draft import init
from landmark.config.lines import located
from landmark.config.project import Project, document_json, from_text, from_values, load, render, tree
from landmark.config.schema import json_schema

__all__ = [
    "Project",
    "document_json",
    "from_text",
    "from_values",
    "init",
    "json_schema",
    "load",
    "located",
    "render",
    "tree",
]
