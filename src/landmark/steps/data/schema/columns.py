"""One source column at a time: what it is for, its type, declared or the likeliest, and its options."""

from __future__ import annotations

from typing import Any

from pydantic import ValidationError

from landmark.artifacts.schema import Column
from landmark.core.errors import UserError, did_you_mean
from landmark.core.findings import note, warn
from landmark.core.options import Use
from landmark.datatypes import DATATYPES, Likeness, predictable
from landmark.statistics.identifiers import why_identifier
from landmark.steps.data.schema.inference import infer, infer_output
from landmark.steps.data.schema.room import Room, sources

SURE = 0.4
"""A type less likely than this is asked about."""


def singles(room: Room) -> list[Column]:
    """Return every column of the table once, in its order; several source columns stand where the first one does."""
    inside = {source: name for name, declared in room.declared.items() for source in sources(name, declared)}
    names = dict.fromkeys(inside.get(source, source) for source in room.rows.column_names)
    columns = (single(room, name, room.declared.get(name, {})) for name in names)
    return [column for column in columns if column is not None]


def single(room: Room, name: str, declared: dict[str, Any]) -> Column | None:
    """Return one column by what is declared of it, or None where that was a mistake."""
    return (declared_column if "type" in declared else inferred_column)(room, name, declared)


def declared_column(room: Room, name: str, declared: dict[str, Any]) -> Column | None:
    """Return a column whose type is declared; its values may still suggest what is left open."""
    kind, own = str(declared["type"]), sources(name, declared)
    if kind not in DATATYPES:
        fix = did_you_mean(kind, DATATYPES.names())
        room.mistakes.append(UserError(f"columns.{name}.type", f"'{kind}' is no data type", fix=fix))
        return None
    if len(own) != DATATYPES[kind].COLUMNS:
        needs = f"{kind} is made of {DATATYPES[kind].COLUMNS} column(s)"
        fix = f"columns: [{', '.join(own)}]" if len(own) > 1 else f"{name}: {{type: {kind}, columns: [first, second]}}"
        room.mistakes.append(UserError(f"columns.{name}", needs, seen=list(own), fix=fix))
        return None
    like = DATATYPES[kind].likeness([room.profiles[source] for source in own])
    return made(room, name, kind, Likeness(like.score, "declared", like.options), use_of(room, name, declared)[0])


def inferred_column(room: Room, name: str, declared: dict[str, Any]) -> Column | None:
    """Return a column of the likeliest type, for the use that is declared or that its values leave."""
    profile = room.profiles[name]
    use, why = use_of(room, name, declared)
    kind, like = infer_output(profile) if use == "target" else infer(profile)
    if use == "weight":
        kind, like = "number", Likeness(1.0, "a weight is a number")
    if use in ("feature", "protected", "exposure") and like.score < SURE:
        seen = f"perhaps {kind}: {like.why}"
        room.findings.append(warn("uncertain-type", name, seen, f"declare columns.{name}.type"))
    if use == "weight" and profile.values and not profile.numbers and profile.top:
        what = "no value of it is a number, so that it cannot weigh rows"
        fix = f"columns: {{{name}: {{use: feature}}}}"
        room.mistakes.append(UserError(f"columns.{name}.use", what, seen=profile.top[0][0], fix=fix))
    return made(room, name, kind, like._replace(why=f"{like.why}; {why}" if why else like.why), use)


def use_of(room: Room, name: str, declared: dict[str, Any]) -> tuple[Use, str]:
    """Return what a column is for, and why if it is not simply a feature."""
    if "use" in declared:
        return declared["use"], ""
    if declared.get("kind") == "identifier":
        return "identifier", "declared a name of rows"
    if room.question.inputs is not None:
        named = not room.inputs.isdisjoint((name, *sources(name, declared)))
        return ("feature", "") if named else ("ignore", "not among the inputs")
    profile = room.profiles[sources(name, declared)[0]]
    if profile.values == 0:
        room.findings.append(note("empty-column", name, f"none of {profile.count} rows has a value; it is left out"))
        return "ignore", "no value at all"
    if profile.distinct == 1 and profile.missing == 0:
        seen = f"all {profile.count} rows hold {profile.top[0][0]!r}" if profile.top else "all rows are alike"
        room.findings.append(note("constant-column", name, f"{seen}; it is left out"))
        return "ignore", "constant"
    reason = None if declared else why_identifier(profile)
    if reason is None:
        return "feature", ""
    todo = f"declare columns.{name}.use: feature to learn from it"
    room.findings.append(note("identifier-column", name, f"it names rows: {reason}; it is left out", todo))
    return "identifier", reason


def made(room: Room, name: str, kind: str, like: Likeness, use: Use) -> Column | None:
    """Return a column with its options resolved by its type: suggested, proven, then declared."""
    declared = room.declared.get(name, {})
    own = sources(name, declared)
    if use == "target" and not predictable(DATATYPES[kind]):
        able = [other for other, datatype in DATATYPES.items() if predictable(datatype)]
        what = f"a column of type {kind} cannot be predicted"
        room.mistakes.append(UserError(f"outputs.{name}", what, seen=like.why, fix=f"type: {' or '.join(able)}"))
        return None
    said = {key: value for key, value in declared.items() if key not in ("type", "columns", "use", "missing")}
    codes = [
        *room.everywhere,
        *declared.get("missing", ()),
        *(t for source in own for t in room.missing.get(source, ())),
    ]
    physical = room.profiles[own[0]].physical
    options = {**like.options, "missing": tuple(dict.fromkeys(codes)), **said, "use": use, "physical": physical}
    try:
        full = DATATYPES[kind].Options.model_validate(options)
    except ValidationError as error:
        room.mistakes += [wrong_option(name, kind, problem) for problem in error.errors()]
        return None
    return Column(name=name, type=kind, columns=own, use=use, options=full.model_dump(mode="json"), why=like.why)


def wrong_option(name: str, kind: str, problem: Any) -> UserError:
    """Return what pydantic found wrong with an option as a mistake a person can mend."""
    place = [str(part) for part in problem["loc"]]
    where = ".".join(["columns", name, *place])
    if problem["type"] == "extra_forbidden":
        known = DATATYPES[kind].Options.model_fields
        return UserError(where, f"{kind} has no setting '{place[-1]}'", fix=did_you_mean(place[-1], known))
    return UserError(where, problem["msg"].removeprefix("Value error, "), seen=problem["input"])
