"""`verifier run`: files -> claims -> worker processes -> checks -> one document."""

from __future__ import annotations

import importlib.metadata
import os
import platform
import signal
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from . import __version__
from .cache import Cache
from .certificate.asked import asked_by
from .crew import Crew, in_parallel
from .discovery import Sources, governing
from .errors import BadSpec, VerifierError
from .importing import sentence, shown
from .process import Death
from .settings import BUDGET_SECONDS, GRACE_SECONDS, SEED
from .specification import CheckSpec, Specification, read
from .verdicts import FORMAT, Check, Document, Origin, Severity, Verdict
from .words import listed, seconds
from .worker import Job, Reply

Watch = Callable[[int, int, str], None]

WHOLE_FILE = -1  # the position of a Python file that stands for all the claims in it

_LIBRARIES = ("numpy", "mpmath", "python-flint", "hypothesis")


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be run, in order: checks, and Python files whose claims are still unread."""

    specs: tuple[CheckSpec, ...]
    fail_on: Severity | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """The checks that were finished and the seconds each took.

    `interrupted` by Ctrl-C; `internal` where verifier itself failed in some check; `cached` are
    those that an earlier run answered, with the seconds each took then.
    """

    checks: tuple[Check, ...]
    seconds: dict[str, float]
    interrupted: bool = False
    internal: bool = False
    cached: dict[str, float] = field(default_factory=dict)

    def document(self, seed: int = SEED) -> Document:
        """Return the outcome as a report's data."""
        made = document(self.checks, self.seconds, seed=seed, interrupted=self.interrupted)
        if not self.cached:
            return made
        return msgspec.structs.replace(made, machine={**made.machine, "from_cache": self.cached})


def plan(sources: Iterable[Sources]) -> Plan:
    """Read the configurations; a wrong one becomes a check that is an ERROR."""
    specs: list[CheckSpec] = []
    bars: list[Severity] = []
    for source in sources:
        config = source.config or governing(source.root)
        said = _read(config) if config else Specification(())
        if source.config:
            specs += said.checks
            bars += [Severity(said.fail_on)] if said.fail_on else []
        for file in source.files:
            where = Origin(shown(str(file)), 1)
            name, root = shown(str(file)), str(source.root)
            spec = CheckSpec(name, str(file), {}, where, root, said.pythonpath, WHOLE_FILE)
            specs.append(spec)
    bar = next((b for b in (Severity.NOTE, Severity.WARNING, Severity.ERROR) if b in bars), None)
    return Plan(tuple(specs), bar)


def _read(path: Path) -> Specification:
    try:
        return read(path)
    except BadSpec as error:
        name = shown(str(path))
        where = error.where or Origin(name, 1)
        spec = CheckSpec(name, name, {}, where, str(path.parent), error=sentence(error))
        return Specification((spec,))


def run(
    specs: Sequence[CheckSpec], *, jobs: int = 1, budget: float | None = None, watch: Watch,
    cache: Cache | None = None,
) -> Outcome:
    """Do every check in worker processes; Ctrl-C keeps what is finished.

    `budget` (seconds) replaces the budgets the checks give. `watch(done, total, name)` is called
    when a check begins, and at the end. With a `cache`, what it knows is not done again.
    """
    crew, interrupted, internal = Crew(cache), False, False
    done: dict[int, Check] = {}
    took: dict[str, float] = {}
    cached: dict[str, float] = {}
    ended: list[str] = []
    try:
        found = collected(specs, crew, jobs)
        if budget is not None:
            found = [_with_budget(spec, budget) for spec in found]

        def work(spec: CheckSpec) -> Answer:
            watch(len(ended), len(found), spec.name)
            answer = _timed(spec, crew)
            ended.append(spec.name)
            return answer

        for position, answer in in_parallel(work, found, jobs, crew):
            internal |= answer.internal
            if (check := answer.check) is not None:
                done[position], took[check.name] = check, answer.spent
                cached |= {} if answer.cached is None else {check.name: answer.cached}
    except KeyboardInterrupt:
        interrupted = True
        with suppress(ValueError):  # not in the main thread
            signal.signal(signal.SIGINT, signal.SIG_IGN)  # a second one would cost the report
    finally:
        crew.stop()
        watch(len(done), len(done), "")
    checks = tuple(done[position] for position in sorted(done))
    return Outcome(checks, took, interrupted, internal, dict(sorted(cached.items())))


def _timed(spec: CheckSpec, crew: Crew) -> Answer:
    begun = time.monotonic()
    answer = checked(spec, crew)
    return replace(answer, spent=round(time.monotonic() - begun, 3))


def document(
    checks: Iterable[Check], took: dict[str, float], *, seed: int = SEED, interrupted: bool = False
) -> Document:
    """Return checks as a report's data, with versions and machine beside them."""
    versions = {"python": platform.python_version()}
    for library in _LIBRARIES:
        with suppress(importlib.metadata.PackageNotFoundError):
            versions[library] = importlib.metadata.version(library)
    machine: dict[str, str | float | dict[str, float]] = {
        "platform": platform.platform(),
        "processors": float(os.cpu_count() or 1),
        "time": datetime.now(UTC).isoformat(timespec="seconds"),
        "seconds": took,
    }
    made = tuple(checks)
    return Document(FORMAT, __version__, made, seed, versions, machine, interrupted)


def collected(specs: Sequence[CheckSpec], crew: Crew, jobs: int = 1) -> list[CheckSpec]:
    """Return `specs` with each Python file replaced by the claims in it, all of other names."""
    files = [spec for spec in specs if spec.position == WHOLE_FILE]
    claims = {files[k].subject: got for k, got in in_parallel(_asker(crew), files, jobs, crew)}
    found: list[CheckSpec] = []
    for spec in specs:
        found += claims[spec.subject] if spec.position == WHOLE_FILE else [spec]
    return _unique(found)


def _asker(crew: Crew) -> Callable[[CheckSpec], tuple[CheckSpec, ...]]:
    def ask(spec: CheckSpec) -> tuple[CheckSpec, ...]:
        answer = crew.do(Job("collect", spec, BUDGET_SECONDS + GRACE_SECONDS))
        if isinstance(answer, Reply):
            return answer.specs
        if answer is None:
            return ()
        died = _death(f"importing {spec.name}", answer, spec)
        return (msgspec.structs.replace(spec, error=sentence(died), where=died.where),)

    return ask


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of a check, None where Ctrl-C stopped it; and whether we are at fault.

    `spent` is in seconds, and so is `cached`: what the check took when the cache learnt of it.
    """

    check: Check | None
    internal: bool = False
    cached: float | None = None
    spent: float = 0.0


def checked(spec: CheckSpec, crew: Crew) -> Answer:
    """Have one check done; what the user can mend, a crash included, is an ERROR check."""
    if spec.error:
        return Answer(_failed(spec, spec.error, spec.where))
    try:
        limit = seconds(spec.told.get("budget") or BUDGET_SECONDS, spec.where) + GRACE_SECONDS
    except BadSpec as error:
        return Answer(_failed(spec, sentence(error), error.where))
    answer = crew.do(Job("check", spec, limit))
    if isinstance(answer, Death):
        died = _death(spec.name, answer, spec)
        return Answer(_failed(spec, sentence(died), died.where))
    if answer is None or answer.check is None:
        return Answer(None)
    check = msgspec.structs.replace(answer.check, name=spec.name, asked=asked_by(spec))
    return Answer(check, answer.internal, answer.cached_seconds)


def _failed(spec: CheckSpec, message: str, where: Origin | None) -> Check:
    expect = listed(spec.told.get("expect"))
    subject = spec.subject if spec.position is None else spec.name
    return Check(spec.name, subject, Verdict.ERROR, (), where, expect, error=message)


def _death(what: str, death: Death, spec: CheckSpec) -> VerifierError:
    hint = "It was stopped there: look for an endless loop, or give it more time with --budget."
    if death.where is None:
        hint = "verifier itself was at work: narrow the domain, or give it more time with --budget."
    if not death.sentence.startswith("did not return"):
        hint = "Run the function by itself on the same input to see it end."
    where = death.where or spec.where
    return VerifierError(f"{what} {death.sentence}", slug="worker-died", hint=hint, where=where)


def _with_budget(spec: CheckSpec, budget: float) -> CheckSpec:
    return msgspec.structs.replace(spec, told={**spec.told, "budget": budget})


def _unique(specs: list[CheckSpec]) -> list[CheckSpec]:
    """Return `specs` with the second check of a name called `name (2)`."""
    seen: dict[str, int] = {}
    named = []
    for spec in specs:
        seen[spec.name] = seen.get(spec.name, 0) + 1
        name = spec.name if seen[spec.name] == 1 else f"{spec.name} ({seen[spec.name]})"
        named.append(msgspec.structs.replace(spec, name=name))
    return named
