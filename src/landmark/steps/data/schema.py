"""Step `schema`: what every column is, and why, from training rows and what the document declares.

First the codes for "no value" are settled, because a column of numbers with a '?' in it is a column of
numbers; then what each column is for; then its type, declared or the likeliest; last its options, which are
the column's whole contract at the border.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pydantic import ValidationError

from landmark.artifacts.profile import ColumnProfile, Profile
from landmark.artifacts.question import Question
from landmark.artifacts.schema import Column, Schema
from landmark.artifacts.split import Split, training_rows
from landmark.artifacts.table import Table
from landmark.core.errors import Mistakes, UserError, did_you_mean
from landmark.core.findings import Finding, note, warn
from landmark.core.options import Use
from landmark.core.table import columns_of, is_text, take, whole, without
from landmark.datatypes import DATATYPES, Likeness, options_of, predictable, wire_all
from landmark.graph.builder import INNER
from landmark.statistics import association, missing_codes
from landmark.statistics.identifiers import why_identifier
from landmark.statistics.summary import column as profiled

SURE, JOINED = 0.4, 0.5
"""A type less likely than the first is asked about, and a pair of columns less likely than the second stays two."""
PLAIN = ("binary", "category", "number", "text")
"""Types between which an output is decided by its values; any other type of a column is its type as an output."""
MOSTLY = 0.95
"""Share that must read as numbers; with more other texts than that, they are words among which are numbers."""
FEW_NUMBERS = 20
"""Whole numbers of at most so many different values may be counts or codes; more are always numbers."""
FEW_CODES = 10
"""Codes are numbered 0, 1, 2, ... without a gap; more of them than this are taken for counts."""
MOST_INPUTS, KEPT_INPUTS = 5000, 2000
"""A table of more input columns than the first keeps as many as the second."""
LOOK = 2000
"""Training rows on which the columns of such a table are compared."""


@dataclass
class Room:
    """The training rows, what is declared of their columns, and what has been settled so far."""

    rows: pa.Table
    numbers: np.ndarray[Any, np.dtype[np.int64]]
    profiles: dict[str, ColumnProfile]
    question: Question
    declared: dict[str, dict[str, Any]]
    everywhere: tuple[str, ...] = ()
    inputs: frozenset[str] = frozenset()
    missing: dict[str, tuple[str, ...]] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    mistakes: list[UserError] = field(default_factory=list)

    @property
    def outputs(self) -> tuple[str, ...]:
        """Return the names of the outputs."""
        return tuple(output.name for output in self.question.outputs)

    def array(self, name: str) -> pa.Array:
        """Return the training values of a source column."""
        return whole(self.rows.column(name))

    def exclude(self, name: str, codes: tuple[str, ...]) -> None:
        """Let codes mean no value in a column, and look at it again without them."""
        self.missing[name] = codes
        self.profiles[name] = profiled(name, without(self.array(name), codes), self.numbers)


def schema(table: Table, split: Split, profile: Profile, question: Question) -> Schema:
    """Return the contract of every column.

    Raises: UserError (several at once) where a declaration does not fit, no input is left, or the names of
    two answers collide.
    """
    declared = {name: dict(options) for name, options in question.columns.items()}
    for output in question.outputs:
        declared[output.name] = {**declared.get(output.name, {}), **output.options, "use": "target"}
    rows = training_rows(table, split)
    inputs = frozenset(question.inputs or ())
    room = Room(rows, split.train, dict(profile.train.columns), question, declared, table.missing, inputs)
    check_names(room, split)
    settle_missing(room)
    columns = {column.name: column for column in resolved(room, split)}
    if room.mistakes:
        raise Mistakes(room.mistakes) if len(room.mistakes) > 1 else room.mistakes[0]
    weights = [name for name, column in columns.items() if column.use == "weight"]
    if len(weights) > 1:
        raise UserError("columns", "more than one weight", seen=weights, fix="keep one `use: weight`")
    columns = at_least_one_input(room, strongest(room, columns))
    refuse_collisions(room, columns)
    return Schema(columns=columns, findings=tuple(room.findings))


def infer(profile: ColumnProfile) -> tuple[str, Likeness]:
    """Return the likeliest type of one column, with the reason and the options its values suggest."""
    likely = {name: datatype.likeness([profile]) for name, datatype in DATATYPES.items() if datatype.COLUMNS == 1}
    if not is_mostly_numbers(profile):
        likely["number"] = likely["number"]._replace(score=0.0)
    best = max(likely, key=lambda name: likely[name].score)
    return best, likely[best]


def infer_output(profile: ColumnProfile) -> tuple[str, Likeness]:
    """Return the type of an output, and why: what can be asked for decides more than how it is written."""
    name, like = infer(profile)
    if name not in PLAIN:
        return name, like
    if profile.distinct == 2:
        return "binary", DATATYPES["binary"].likeness([profile])
    if name == "category" or not is_mostly_numbers(profile):
        return "category", DATATYPES["category"].likeness([profile])
    kinds, low = profile.distinct, profile.minimum
    reason = f"{kinds} different numbers"
    if profile.integers == 1 and kinds <= FEW_NUMBERS and low is not None and profile.maximum is not None:
        in_a_row = low in (0, 1) and profile.maximum - low == kinds - 1
        if in_a_row and kinds <= FEW_CODES:
            reason = f"{kinds} whole numbers in a row from {low:.0f}, as kinds are numbered; amounts? type: number"
            return "category", DATATYPES["category"].likeness([profile])._replace(why=reason)
        reason = f"{kinds} whole numbers, as counts are; kinds? type: category"
    return "number", DATATYPES["number"].likeness([profile])._replace(why=reason)


def is_mostly_numbers(profile: ColumnProfile) -> bool:
    """Return whether the values that are no token for none nearly all read as numbers."""
    tokens = sum(stray.count for stray in profile.strays if missing_codes.is_token(stray.text))
    return profile.numbers * profile.values >= MOSTLY * (profile.values - tokens)


def check_names(room: Room, split: Split) -> None:
    """Note every name in the document that is no column, and give the split's own column its use."""
    known = set(room.rows.column_names)
    for name, declared in room.declared.items():
        for source in sources(name, declared):
            if source not in known:
                fix = did_you_mean(source, known)
                room.mistakes.append(UserError(f"columns.{name}", f"'{source}' is not a column of the table", fix=fix))
    asked = [("inputs", name) for name in room.question.inputs or () if name not in room.declared]
    for section, name in dict.fromkeys([*asked, *(("slices", n) for names in room.question.slices for n in names)]):
        if name not in known:
            fix = did_you_mean(name, known)
            room.mistakes.append(UserError(section, f"'{name}' is not a column of the table", fix=fix))
    if room.mistakes:
        raise Mistakes(room.mistakes) if len(room.mistakes) > 1 else room.mistakes[0]
    uses = {"column": "ignore", "group": "identifier", "hash": "identifier"}
    if split.by in uses and split.column is not None and split.column not in room.outputs:
        room.declared[split.column] = {"use": uses[split.by], **room.declared.get(split.column, {})}


def sources(name: str, declared: dict[str, Any]) -> tuple[str, ...]:
    """Return the source columns of a declared column: itself, if nothing else is said."""
    return tuple(declared.get("columns") or (name,))


def settle_missing(room: Room) -> None:
    """Decide for each column which texts mean no value: the declared ones, else what is proven."""
    waiting: list[str] = []
    for name, declared in room.declared.items():
        if "missing" in declared:
            for source in sources(name, declared):
                room.exclude(source, tuple(declared["missing"]))
    for name in room.rows.column_names:
        if name in room.missing or not is_text(room.rows.schema.field(name).type):
            continue
        profile = room.profiles[name]
        tokens = missing_codes.among_readable(profile)
        if tokens:
            prove(room, name, tokens, "all else in the column is read without it")
        elif profile.numbers < 1 and profile.values:
            waiting.append(name)
    proven = frozenset(text for codes in room.missing.values() for text in codes)
    asked = pa.array(
        sorted({*proven, *missing_codes.MARKS, *(f" {mark}" for mark in missing_codes.MARKS)}), pa.string()
    )
    for name in waiting:
        array = room.array(name)
        seen = pc.unique(array.filter(pc.is_in(array, asked.cast(array.type)))).to_pylist()
        elsewhere = frozenset() if name in room.outputs else proven
        tokens = missing_codes.among_kinds(room.profiles[name], seen, elsewhere) if seen else ()
        if tokens:
            prove(room, name, tokens, "it is a mark among words, or stands for no value in another column")


def prove(room: Room, name: str, tokens: tuple[str, ...], why: str) -> None:
    """Let tokens mean no value in a column, and say so."""
    array = room.array(name)
    for token in tokens:
        where = np.flatnonzero(pc.equal(array, token).fill_null(False).to_numpy(zero_copy_only=False))
        seen = f"'{token}' in {len(where)} rows is taken as no value: {why}"
        todo = f"declare columns.{name}.missing to say otherwise"
        room.findings.append(note("missing-code", name, seen, todo, int(room.numbers[where[0]]) + 1))
    room.exclude(name, tokens)


def resolved(room: Room, split: Split) -> Iterator[Column]:
    """Yield every column of the table once, in its order; several source columns stand where the first one does."""
    inside = {source: name for name, declared in room.declared.items() for source in sources(name, declared)}
    singles: dict[str, Column] = {}
    for source in room.rows.column_names:
        name = inside.get(source, source)
        declared = room.declared.get(name, {})
        if name not in singles:
            made = (
                declared_column(room, name, declared) if "type" in declared else inferred_column(room, name, declared)
            )
            if made is not None:
                singles[name] = made
    yield from paired(room, singles)


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
    return made(room, name, kind, like._replace(why=f"{like.why}; {why}" if why else like.why), use)


def use_of(room: Room, name: str, declared: dict[str, Any]) -> tuple[Use, str]:
    """Return what a column is for, and why if it is not simply a feature."""
    if "use" in declared:
        return declared["use"], ""
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


def paired(room: Room, singles: dict[str, Column]) -> Iterator[Column]:
    """Yield the columns, with neighbouring columns of numbers joined where together they are something else."""
    doubles = {name: datatype for name, datatype in DATATYPES.items() if datatype.COLUMNS == 2}
    columns, i = list(singles.values()), 0
    while i < len(columns):
        pair = columns[i : i + 2]
        free = all(c.type == "number" and c.use == "feature" and not room.declared.get(c.name) for c in pair)
        joined = pair_of(room, pair, doubles) if len(pair) == 2 and free else None
        yield joined or pair[0]
        i += 2 if joined else 1


def pair_of(room: Room, pair: list[Column], doubles: dict[str, Any]) -> Column | None:
    """Return the feature that two columns make, in the likelier order, or None."""
    for kind, datatype in doubles.items():
        for first, second in (pair, pair[::-1]):
            like = datatype.likeness([room.profiles[first.name], room.profiles[second.name]])
            name = f"{first.name}+{second.name}"
            if like.score >= JOINED and name not in room.rows.column_names:
                room.declared[name] = {"columns": [first.name, second.name]}
                return made(room, name, kind, like, "feature")
    return None


def strongest(room: Room, columns: dict[str, Column]) -> dict[str, Column]:
    """Return the columns, with those of a very wide table that tell least of the first target left out."""
    inputs = [column for column in columns.values() if column.use == "feature"]
    if len(inputs) <= MOST_INPUTS or room.question.inputs is not None:
        return columns
    look = np.linspace(0, room.rows.num_rows - 1, min(LOOK, room.rows.num_rows)).astype(np.int64)
    rows = take(room.rows, look)
    first = columns[room.outputs[0]]
    target = association.directions(whole(rows.column(first.columns[0])), first.type == "number")
    told = np.array([max(association.strength(whole(rows.column(c)), target) for c in i.columns) for i in inputs])
    left = {inputs[int(i)].name for i in np.argsort(-told, kind="stable")[KEPT_INPUTS:]}
    seen = f"{len(inputs)} input columns; the {KEPT_INPUTS} that tell most of '{first.name}' in training rows are kept"
    room.findings.append(warn("too-many-columns", "inputs", seen, "name the columns to learn from: inputs: [...]"))
    why = "left out: too many columns, and it tells little of the target"
    return {name: used(column, "ignore", why) if name in left else column for name, column in columns.items()}


def at_least_one_input(room: Room, columns: dict[str, Column]) -> dict[str, Column]:
    """Return the columns, with what was taken for an identifier an input again where nothing else is left.

    Raises: UserError where still no input is left.
    """
    uses = {column.use for column in columns.values()}
    if uses & {"feature", "protected"}:
        return columns
    keys = [name for name, column in columns.items() if column.use == "identifier" and not room.declared.get(name)]
    if not keys:
        fix = "bring a column that is neither constant nor empty, or name one: inputs: [...]"
        raise UserError("inputs", "no input column is left", seen=list(columns)[:20], fix=fix)
    seen = "no other input is left, so that what looks like an identifier is learnt from"
    room.findings.append(warn("identifier-only", ", ".join(keys), seen, "bring columns that say something of a row"))
    return columns | {name: used(columns[name], "feature", "nothing else is left") for name in keys}


def used(column: Column, use: Use, why: str) -> Column:
    """Return a column with another use."""
    options = {**column.options, "use": use}
    return column.model_copy(update={"use": use, "options": options, "why": f"{column.why}; {why}"})


def refuse_collisions(room: Room, columns: dict[str, Column]) -> None:
    """Raise where two things of the model file would have one name.

    Two answers: `y.p.x` and the label x of y. Two tensors of the graph, of inputs and outputs alike: the probabilities
    `y.p` of y and a column `y.p`, what else an image brings and a column of that name, or a name for inner tensors.
    """
    answers, tensors = dict[str, str](), dict[str, str]()
    nothing = room.rows.slice(0, 0)
    for column in Schema(columns=columns).features:
        for tensor in wire_all([column], nothing, False):
            claim(tensors, tensor, "columns", column.name, "tensor")
    for name in room.outputs:
        column = columns[name]
        datatype, options = DATATYPES[column.type], options_of(column)
        labels = datatype.task(datatype.learn(columns_of(room.rows, column.columns), options)).labels
        for answer in (name, *(f"{name}.p.{label}" for label in labels)):
            claim(answers, answer, "outputs", name, "answer")
        for tensor in (name, f"{name}.p") if labels else (name,):
            claim(tensors, tensor, "outputs", name, "tensor")


def claim(owner: dict[str, str], name: str, where: str, column: str, kind: str) -> None:
    """Let an answer or a tensor have its name. Raises: UserError where another column has it."""
    if kind == "tensor" and name.startswith(INNER):
        raise UserError(f"{where}.{column}", f"a name that begins with '{INNER}' is kept for inner tensors", seen=name)
    if name in owner:
        what = f"its {kind} '{name}' has the name of {'an' if kind == 'answer' else 'a'} {kind} of '{owner[name]}'"
        raise UserError(f"{where}.{column}", what, fix="rename the column")
    owner[name] = column
