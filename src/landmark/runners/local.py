"""Run steps in this process, one after the other; what was done before is taken from the store.

A step without needs looks at the world (it reads a source), so it is carried out, unless it can tell that the world is
as it was; and the digest of what it gives decides whether the steps after it have anything new to do.
"""

from __future__ import annotations

import time
import traceback
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TypeVar

from pydantic import ValidationError

from landmark import __version__
from landmark.artifacts.artifact import Artifact
from landmark.core import digest
from landmark.core.context import Context, Serial
from landmark.core.errors import Mistakes, UserError
from landmark.core.findings import Finding
from landmark.core.options import Options
from landmark.runners import RunRequest, RunResult
from landmark.steps import Step
from landmark.store import code
from landmark.store.processes import carried_here, end_the_dead
from landmark.store.store import URI, Event, Execution, Json, Run, Spent, Store

Item = TypeVar("Item")
Result = TypeVar("Result")


def nothing_more(result: RunResult) -> Json:
    """Leave a run as its steps have made it."""
    return {}


def run(
    request: RunRequest, store: Store, context: Context, finish: Callable[[RunResult], Json] = nothing_more
) -> RunResult:
    """Carry out the steps of a request in their order, from what is given, then `finish`; what it says is kept.

    The run is done when `finish` is: files that a person will look for are in their place, or the run has failed.
    Raises: Mistakes when the steps do not fit together, before any is carried out; UserError of the step that
    could not go on. Whatever was finished is kept, and the next run with the same needs continues from it.
    """
    result = _begun(request, store, context, here=True)
    plan = _plan(store, result.run)
    for step in request.steps:
        _carry_out(step, plan.options(step), result, context)
    with _ending(result, "finish"):
        told = finish(result)
    store.end(result.run, "done", {"artifacts": result.uris, **told})
    return result


def begin(request: RunRequest, store: Store, context: Context) -> RunResult:
    """Open a run and write down its plan, but carry out no step: that is for `run_step`, one by one.

    What is given is kept as well: lineage begins with it, and a step run alone finds it in the store.
    Raises: Mistakes when the steps do not fit together.
    """
    return _begun(request, store, context, here=False)


def run_step(
    name: str, run: str, steps: Iterable[Step], store: Store, context: Context, moved: Mapping[str, Json] | None = None
) -> RunResult:
    """Carry out one step of a run by itself, from the artifacts the run has so far; return those and its own.

    Done again, it gives the same artifact under the same URI. The run ends with the last step of its plan. Settings
    that are about where things are, and not what they are, may have `moved` since: by step, what they are now.
    Raises: UserError when the run, the step, or something the step needs is not there.
    """
    plan, result = _plan(store, run), _so_far(store, run)
    step = {step.name: step for step in steps}.get(name)
    if step is None or name not in plan.settings:
        raise UserError(f"run {run}", f"'{name}' is none of its steps", fix=f"one of: {', '.join(plan.settings)}")
    missing = [need for need in step.needs if need not in result.uris]
    if missing:
        fix = f"landmark run step {missing[0]} --run {run}"
        raise UserError(f"run {run}", f"step '{name}' needs {', '.join(missing)}, not yet there", fix=fix)
    options = plan.options(step, (moved or {}).get(name))
    _carry_out(step, options, result, replace(context, seed=plan.seed))
    if name == list(plan.settings)[-1]:
        store.end(run, "done", {"artifacts": result.uris})
    return result


def reproduce(
    run: str, steps: Sequence[Step], store: Store, context: Context, replayed: Sequence[Step] = ()
) -> RunResult:
    """Carry out a run once more, as a run of its own: every step anew, nothing taken over from work done before.

    Only what the world or the clock decided comes from the run itself: what it was given, what steps without needs
    have read, and the results of the steps `replayed`. The same bytes come out where nothing else had a say.
    Raises: UserError when there is no such run, or something it started from is gone.
    """
    plan, before = _plan(store, run), _so_far(store, run)
    (asked,) = store.find(Run, id=run)
    planned = [step for step in steps if step.name in plan.settings]
    replays = {step.name for step in planned if not step.needs or step in replayed}
    outside = before.uris.keys() - plan.settings.keys()
    again = {"seed": plan.seed, "settings": plan.settings, "reproduces": run}
    result = _opened(store, asked.project, asked.document, "reproduce", again, here=True)
    for name in sorted(outside | replays):
        result.uris[name] = store.keep(result.run, name, None, before.uris[name], {})
    for step in planned:
        if step.name not in replays:
            _carry_out(step, plan.options(step), result, replace(context, seed=plan.seed), anew=True)
    store.end(result.run, "done", {"artifacts": result.uris})
    return result


def fitting(
    steps: Sequence[Step], given: Mapping[str, type[Artifact]], options: Mapping[str, Options]
) -> dict[str, Options | None]:
    """Return the settings of every step, once it is certain that each will find what it needs.

    Raises: Mistakes, with every need that nothing before it gives, every artifact of a wrong kind, and every
    step without the settings it must be told.
    """
    known, settings, wrong = dict(given), dict[str, Options | None](), list[UserError]()
    for step in steps:
        where = f"steps.{step.name}"
        if step.name in known:
            wrong.append(UserError(where, "something of this name is there before it", fix="name each step once"))
        for need, kind in step.needs.items():
            if need not in known:
                fix = f"give '{need}', or put the step that gives it earlier"
                wrong.append(UserError(f"{where}.{need}", "nothing before this step gives it", fix=fix))
            elif not issubclass(known[need], kind):
                what = f"the step takes a {kind.__name__}"
                wrong.append(UserError(f"{where}.{need}", what, seen=known[need].__name__))
        try:
            settings[step.name] = _settings(step, options)
        except UserError as mistake:
            wrong.append(mistake)
        known[step.name] = step.gives
    if wrong:
        raise Mistakes(wrong)
    return settings


def _begun(request: RunRequest, store: Store, context: Context, here: bool) -> RunResult:
    kinds = {name: type(artifact) for name, artifact in request.given.items()}
    settings = fitting(request.steps, kinds, request.options)
    planned = {name: None if own is None else own.model_dump(mode="json") for name, own in settings.items()}
    plan = {"seed": context.seed, "settings": planned}
    result = _opened(store, request.project, request.document, request.kind, plan, here)
    for name, artifact in request.given.items():
        result.uris[name] = store.keep(result.run, name, None, artifact, {})
        result.at_hand[name] = artifact
    return result


def _opened(store: Store, project: str, document: Json, kind: str, plan: Json, here: bool) -> RunResult:
    """Open a run with its plan; `here`: this process carries it out, so that it can be told when that is gone."""
    end_the_dead(store)
    result = RunResult(store.begin(project, document, __version__, kind), store)
    if here:
        carried_here(store, result.run)
    store.note(result.run, "plan", plan)
    return result


def _settings(step: Step, options: Mapping[str, Options]) -> Options | None:
    if step.options is None:
        return None
    where = f"steps.{step.name}.options"
    try:
        own = options[step.name] if step.name in options else step.options()
    except ValidationError as error:
        said = "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors())
        raise UserError(where, "the step must be told its options", seen=said) from error
    if not isinstance(own, step.options):
        raise UserError(where, "these are the options of another step", seen=type(own).__qualname__)
    return own


def _carry_out(step: Step, options: Options | None, result: RunResult, context: Context, anew: bool = False) -> None:
    """Add the artifact of step to result: from the store where it was made before, carried out otherwise."""
    with _ending(result, step.name):
        context.progress(step.name, 0.0)
        parents = {need: result.uris[need] for need in step.needs}
        world = _world(step, options)
        key = _key(step, parents, options, context, world)
        known = result.store.latest(step.name, key) if (step.needs or world is not None) and not anew else None
        if known is not None:
            if result.uris.get(step.name) != known:
                result.uris[step.name] = result.store.keep(result.run, step.name, key, known, parents)
        else:
            artifact, spent = _execute(step, options, result, context)
            if world != _world(step, options, artifact):  # it has changed meanwhile: this is not what was told of
                key = _key(step, parents, options, context, None)
            result.uris[step.name] = result.store.keep(result.run, step.name, key, artifact, parents, spent)
            result.at_hand[step.name] = artifact
            result.made.append(step.name)
            _note_findings(step, artifact, result)
        context.progress(step.name, 1.0)


def _execute(step: Step, options: Options | None, result: RunResult, context: Context) -> tuple[Artifact, Spent]:
    """Return what the step gives and what it cost.

    Matrix products run in one thread: in which order a sum is added up, and with it the last bit of a number, must
    not depend on the machine.
    """
    import scipy.linalg  # noqa: F401 - its BLAS is a library of its own, and only loaded ones are limited
    from threadpoolctl import threadpool_limits

    arguments: dict[str, object] = {need: result.get(need, kind) for need, kind in step.needs.items()}
    if options is not None:
        arguments["options"] = options
    if step.wants_context:
        arguments["context"] = context
    wall, cpu = time.perf_counter(), time.process_time()
    with threadpool_limits(1, "blas"):
        artifact = step.run(**arguments)
    spent = Spent(time.perf_counter() - wall, time.process_time() - cpu)
    assert isinstance(artifact, step.gives), f"{step.name} gave a {type(artifact).__name__}"
    return artifact, spent


def _world(step: Step, *said: object) -> object:
    """Return what tells whether the world is as it was for a step; None where nothing does."""
    return None if step.world is None else step.world(*said)


def _key(step: Step, parents: Mapping[str, URI], options: Options | None, context: Context, world: object) -> str:
    """Return the digest of everything that decides what the step gives."""
    return digest.of_json(
        {
            "step": step.name,
            "code": code.of(step.run),
            "needs": dict(parents),
            "options": None if options is None else options.model_dump(mode="json"),
            "seed": context.seed if step.wants_context else None,
            "world": world,
        }
    )


def _note_findings(step: Step, artifact: Artifact, result: RunResult) -> None:
    findings = [finding for finding in getattr(artifact, "findings", ()) if isinstance(finding, Finding)]
    if findings:
        told = [finding.as_json() for finding in findings]
        result.store.note(result.run, "findings", {"step": step.name, "findings": told})


@contextmanager
def _ending(result: RunResult, step: str) -> Iterator[None]:
    """End the run when the step does not end well, with everything needed to act, and let the error go on."""
    try:
        yield
    except UserError as error:
        _end_badly(result, "failed", step, {"error": error.as_json()})
        raise
    except Exception as error:
        _end_badly(result, "failed", step, {"fault": repr(error), "traceback": traceback.format_exc()})
        raise
    except BaseException:  # Ctrl-C, or the process is asked to go
        _end_badly(result, "interrupted", step, {})
        raise


def _end_badly(result: RunResult, status: str, step: str, detail: Json) -> None:
    result.store.note(result.run, status, {"step": step, **detail})
    result.store.end(result.run, status)


@dataclass(frozen=True)
class _Plan:
    """What a run set out to do: its seed, and the settings of each step in their order."""

    seed: int
    settings: Json

    def options(self, step: Step, moved: Json | None = None) -> Options | None:
        """Return the step's options as they were when the run began, but for what has moved since."""
        if step.options is None:
            return None
        return step.options.model_validate({**self.settings[step.name], **(moved or {})})


def _plan(store: Store, run: str) -> _Plan:
    planned = store.find(Event, run=run, event="plan")
    if not planned:
        raise UserError(f"run {run}", "there is no such run here", fix="see landmark run list")
    return _Plan(planned[0].detail["seed"], planned[0].detail["settings"])


def _so_far(store: Store, run: str) -> RunResult:
    """Return what the run has; a step carried out twice counts as it was last."""
    oldest_first = reversed(store.find(Execution, run=run))
    return RunResult(run, store, {done.step: done.uri for done in oldest_first})


class Threads(Serial):
    """The executor of `count` threads of this process. Numbers do not depend on the count."""

    def __init__(self, count: int) -> None:
        assert count >= 1, "at least one thread"
        self.count = count

    def map(self, work: Callable[[Item], Result], items: Iterable[Item]) -> list[Result]:
        """Return work(item) of every item, in the order of items. Work may map in its turn."""
        if self.count == 1:
            return super().map(work, items)
        with ThreadPoolExecutor(self.count) as pool:  # a pool for each call: a shared one could wait for itself
            return list(pool.map(work, items))

    def gang(self, work: Callable[[int, int], Result], size: int) -> list[Result]:
        """Return the work of each rank; all ranks run at the same time, whatever the count."""
        with ThreadPoolExecutor(size) as pool:
            return list(pool.map(work, range(size), [size] * size))
