"""The door: every command is one file, imported when it is called, so that help costs nothing."""

from __future__ import annotations

import gc
import json
import math
import signal
import sys
import threading
import traceback
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import click

from landmark.core.errors import UserError

COMMANDS = {
    "init": "Write a commented landmark.yaml for a table.",
    "check": "Say how ready the data is, and what to do about it.",
    "train": "Train the simplest adequate model and write one model file.",
    "evaluate": "Judge a model file on a table that holds the truth.",
    "predict": "Answer every row of a table.",
    "report": "Write one HTML page about a model or a run.",
    "sign": "Put your name to a model: it becomes the one to beat.",
    "serve": "Answer over HTTP; every answer is archived first.",
    "feedback": "Add late labels to the archive, by request.",
    "demo": "Generate a data set of support tickets with a known ceiling.",
}
GROUPS = {
    "data": (
        "Look at a table; say what tables must keep, and hold them against it.",
        {
            "summary": "Show what one pass over a table sees.",
            "schema": "Write schema.yaml: what every new table must keep, with reasons.",
            "validate": "Hold a table against schema.yaml.",
            "accept": "Take what a validation found into schema.yaml, in your name.",
        },
    ),
    "model": (
        "List, show, compare and reject model files.",
        {
            "list": "List the models of this project.",
            "show": "Tell everything a model file says of itself.",
            "compare": "Hold two model files side by side.",
            "reject": "Say in your name that a model must not be used.",
        },
    ),
    "run": (
        "Look at runs, repeat them, run a single step.",
        {
            "list": "List the runs of this project.",
            "step": "Run one step from a run's stored artifacts.",
            "lineage": "Show what made what.",
            "reproduce": "Run again from stored data; the model file must be the same, byte for byte.",
        },
    ),
    "archive": ("Ask what was answered.", {"query": "Find answers and their labels."}),
    "config": (
        "Show the document, resolved, or its schema.",
        {
            "render": "Print the document with every default.",
            "schema": "Print the JSON schema of the document, for editors.",
        },
    ),
}
JSON = "json"
"""Where a command notes whether it was asked for JSON."""
Function = TypeVar("Function", bound=Callable[..., Any])


class Lazy(click.Group):
    """A group that knows its commands' names and one-line helps, and imports a command when it runs."""

    def __init__(self, name: str, helps: dict[str, str], folder: str, **settings: Any) -> None:
        super().__init__(name, **settings)
        self.helps, self.folder = helps, folder

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names, in the order of a life."""
        return list(self.helps)

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Read the line up to the command. Raises: UsageError where JSON is asked for and no command is named."""
        if args == ["--json"]:
            raise click.UsageError(f"a command is missing: {', '.join(self.helps)}", ctx)
        return super().parse_args(ctx, args)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        """Import and return one command."""
        if name in GROUPS and self.folder == "landmark.cli":
            help_text, helps = GROUPS[name]
            return Lazy(name, helps, f"landmark.cli.{name}", help=help_text)
        if name not in self.helps:
            return super().get_command(ctx, name)
        command: click.Command = import_module(f"{self.folder}.{name}").command
        command.help, command.name = command.help or self.helps[name], name
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the helps without importing a single command."""
        with formatter.section("Commands"):
            formatter.write_dl(list(self.helps.items()))


def json_option(function: Function) -> Function:
    """Add `--json`: exactly one JSON document on standard output."""
    help_text = "Print one JSON document on standard output."
    return click.option("--json", "as_json", is_flag=True, is_eager=True, callback=_asked, help=help_text)(function)


def _asked(ctx: click.Context, option: click.Parameter, value: bool) -> bool:
    """Note that JSON is asked for, so that what goes wrong is told as JSON too."""
    if ctx.obj is not None:
        ctx.obj[JSON] = value
    return value


def config_option(function: Function) -> Function:
    """Add `-c FILE`."""
    return click.option("-c", "--config", default="landmark.yaml", show_default=True, help="The document.")(function)


def archive_option(function: Function) -> Function:
    """Add `--archive FILE`: where answers are kept, by default beside the document's store."""
    kind = click.Path(path_type=Path)
    help_text = "Where answers are kept. By default .landmark/archive.sqlite beside the document."
    return click.option("--archive", type=kind, default=None, help=help_text)(function)


def format_option(function: Function) -> Function:
    """Add `--format`: how the table is written, where that is not as in training."""
    help_text = "How DATA is written, as in the document: '{header: no, names: [a, b]}'. By default as in training."
    return click.option("--format", "format_text", default=None, help=help_text)(function)


def schema_option(function: Function) -> Function:
    """Add `--schema`: the contract that rows are held against on their way."""
    help_text = "The contract to hold DATA against. By default that of the project whose model it is, if it has one."
    return click.option("--schema", "schema", default=None, help=help_text)(function)


def read_format(text: str | None) -> dict[str, Any] | None:
    """Return `--format` as settings. Raises: UserError."""
    return None if text is None else _mapping(text, "--format", "--format '{header: no, names: [a, b]}'")


def read_data(text: str) -> str | dict[str, Any]:
    """Return DATA as a document's `data` would have it: a path, or a query where it is written as a mapping.

    A file whose name looks like a mapping is a file. Raises: UserError.
    """
    if not text.lstrip().startswith("{") or Path(text).exists():
        return text
    example = "'{sql: \"select ...\", connection: env:DB_URL}'"
    query = _mapping(text, "DATA", example)
    if "sql" not in query:
        raise UserError("DATA", "is no query", seen=text, fix=example)
    return query


def _mapping(text: str, where: str, example: str) -> dict[str, Any]:
    from landmark.config.yaml12 import parse

    settings = parse(text.encode(), where).value
    if not isinstance(settings, dict):
        raise UserError(where, "is no mapping", seen=text, fix=example)
    return settings


def unit_option(function: Function) -> Function:
    """Add `--unit`: in what unit a column comes, where that is not the model's own."""
    help_text = "The unit a column comes in, where it is not the model's; repeatable."
    return click.option("--unit", "units", multiple=True, metavar="COLUMN=UNIT", help=help_text)(function)


def read_units(pairs: tuple[str, ...]) -> dict[str, str]:
    """Return `--unit` as unit by column. Raises: UserError."""
    wrong = [pair for pair in pairs if "=" not in pair]
    if wrong:
        raise UserError("--unit", "is no COLUMN=UNIT", seen=wrong[0], fix="--unit wait=ms")
    return dict(pair.split("=", 1) for pair in pairs)


def show(document: Any) -> None:
    """Print one JSON document; numbers that JSON lacks become null."""
    click.echo(json.dumps(plain(document), ensure_ascii=False, indent=1, allow_nan=False))


def plain(value: Any) -> Any:
    """Return value with every NaN and infinity made null."""
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


root = Lazy(
    "landmark",
    COMMANDS | {name: text for name, (text, _) in GROUPS.items()},
    "landmark.cli",
    help="From raw columns to a monitored model, without code.",
    context_settings={"help_option_names": ["-h", "--help"]},
)


@root.command("version", hidden=True)
@json_option
def version(as_json: bool) -> None:
    """Print the version."""
    from landmark import __version__

    if as_json:
        show({"version": __version__})
    else:
        click.echo(__version__)


def main(arguments: list[str] | None = None) -> None:
    """Run one command and leave with its exit code: 0, 1, 2, 3 or 4, or 128 and the signal that ended it."""
    arguments = sys.argv[1:] if arguments is None else arguments
    asked = {JSON: False}
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, _told_to_go)
    try:
        code = root.main(arguments, prog_name="landmark", standalone_mode=False, obj=asked)
        raise SystemExit(code if isinstance(code, int) else 0)
    except UserError as error:
        left = Left(error.line(), error.as_json(), error.exit_code)
    except click.ClickException as error:
        asked[JSON] = "--json" in arguments  # a line that cannot be read is not known to ask for anything
        left = misused(error, arguments)
    except (click.Abort, KeyboardInterrupt) as error:
        ended = UserError("landmark", "interrupted", fix="run it again; what is finished is kept")
        left = Left(ended.line(), ended.as_json(), 128 + _signal_of(error))
    except BrokenPipeError:
        left = Left("", None, 0)
    except Exception as error:  # the outermost border: a fault of ours, said with everything needed to act
        traceback.print_exc()
        what = said("landmark", f"a fault of ours: {type(error).__name__}: {error}", "report it with the text above")
        left = Left("", what, 1)
    leave(left, asked[JSON])


def _told_to_go(number: int, frame: Any) -> None:
    """Keep what is finished, as for Ctrl-C."""
    raise KeyboardInterrupt(number)


def _signal_of(error: BaseException) -> int:
    """Return the signal that interrupted a command; click passes on what was raised as the cause of its own."""
    told = (error.__cause__ or error).args
    return told[0] if isinstance(error.__cause__ or error, KeyboardInterrupt) and told else signal.SIGINT


class Left(NamedTuple):
    """How a command ended: a line for people, an error as JSON, and the exit code."""

    line: str
    document: dict[str, Any] | None
    code: int


def misused(error: click.ClickException, arguments: list[str]) -> Left:
    """Return how a line that cannot be read ends; a group called by its bare name shows its help."""
    if isinstance(error, click.exceptions.NoArgsIsHelpError):
        error.show()
        return Left("", None, 2)
    first, second = [*arguments, "", ""][:2]
    known = [first] * (first in root.helps) + [second] * (first in GROUPS and second in GROUPS[first][1])
    mistake = UserError("command line", error.format_message(), fix=" ".join(["landmark", *known, "--help"]))
    return Left(mistake.line(), mistake.as_json(), 2)


def said(where: str, what: str, fix: str) -> dict[str, Any]:
    """Return an error as `--json` prints it."""
    return {"where": where, "what": what, "seen": None, "fix": fix}


def leave(left: Left, as_json: bool) -> None:
    """Say what went wrong on standard error, and as JSON where that was asked for; exit with the code.

    What the error was holding is let go of first: a reader of a file may still be at work in a thread of its own.
    """
    gc.collect()
    if left.line:
        click.echo(left.line, err=True)
    if as_json and left.document is not None:
        show({"error": left.document})
    raise SystemExit(left.code)
