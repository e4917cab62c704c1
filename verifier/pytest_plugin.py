"""Claims as tests: `pytest --verifier` collects what `verifier run` checks, one test a claim.

pytest imports this module at every start, so it imports nothing of the engine before a claim is
collected; the subjects run in worker processes, as with `verifier run`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from .crew import Crew
    from .discovery import Sources
    from .specification import CheckSpec
    from .verdicts import Check, Claim, Severity

CONFIGS = ("verifier.toml", "pyproject.toml")
_CREW = pytest.StashKey["Crew"]()
_WANTED = pytest.StashKey["frozenset[Path]"]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add `--verifier`."""
    text = "collect the claims of verifier.toml, [tool.verifier] and verify_*.py as tests"
    parser.getgroup("verifier").addoption("--verifier", action="store_true", help=text)


def pytest_configure(config: pytest.Config) -> None:
    """Name the mark; without paths, add the files that `verifier run` would read."""
    config.addinivalue_line("markers", "verifier: a claim that verifier decides")
    asked = config.getoption("verifier")
    if not asked or config.args_source is pytest.Config.ArgsSource.ARGS:
        return
    from .discovery import discover

    working = config.invocation_params.dir
    named = [(working / argument).resolve() for argument in config.args]
    for file in _files(discover((), working)):
        if not any(file == place or place in file.parents for place in named):
            config.args.append(str(file))


def pytest_unconfigure(config: pytest.Config) -> None:
    """End the worker processes."""
    if crew := config.stash.get(_CREW, None):
        crew.stop()


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """Collect a file of claims that was asked for, by `--verifier` or by its own name."""
    if file_path.name not in CONFIGS and not fnmatch(file_path.name, "verify_*.py"):
        return None
    if parent.config.getoption("verifier"):
        asked = file_path.resolve() in _wanted(parent.config)
    else:
        named = file_path.name != "pyproject.toml" and parent.session.isinitpath(file_path)
        asked = named and b"verifier" in file_path.read_bytes()
    return ClaimFile.from_parent(parent, path=file_path) if asked else None


def pytest_pycollect_makemodule(
    module_path: Path, parent: pytest.Collector
) -> pytest.Collector | None:
    """Keep pytest from importing a file of claims as a test module too, unless it is one."""
    config = parent.config
    if not config.getoption("verifier") or not fnmatch(module_path.name, "verify_*.py"):
        return None
    if any(fnmatch(module_path.name, pattern) for pattern in config.getini("python_files")):
        return None
    if module_path.resolve() not in _wanted(config):
        return None
    return NoModule.from_parent(parent, path=module_path)


def _wanted(config: pytest.Config) -> frozenset[Path]:
    """Return the files that `verifier run` would read of the paths pytest was given."""
    if _WANTED not in config.stash:
        from .discovery import discover

        working = config.invocation_params.dir
        places = [(working / text.partition("::")[0]).resolve() for text in config.args]
        named = [str(place) for place in places if _may_hold_claims(place)]
        found = discover(named, working) if named else ()
        config.stash[_WANTED] = frozenset(_files(found))
    return config.stash[_WANTED]


def _may_hold_claims(place: Path) -> bool:
    if place.is_dir():
        return True
    return place.is_file() and (place.name in CONFIGS or fnmatch(place.name, "verify_*.py"))


def _files(sources: Iterable[Sources]) -> Iterator[Path]:
    for source in sources:
        if source.config:
            yield source.config.resolve()
        yield from (file.resolve() for file in source.files)


def _crew(config: pytest.Config) -> Crew:
    """Return the worker processes of this session, started when first needed."""
    if _CREW not in config.stash:
        from .crew import Crew

        config.stash[_CREW] = Crew()
    return config.stash[_CREW]


class NoModule(pytest.File):
    """Stands in for the test module that a file of claims is not."""

    def collect(self) -> Iterable[pytest.Item]:
        return ()


class ClaimFile(pytest.File):
    """A configuration, or a Python file with claims: a collector of checks."""

    def collect(self) -> Iterable[CheckNode]:
        from .discovery import discover
        from .run import collected, plan
        from .verdicts import Severity

        planned = plan(discover((str(self.path),), Path.cwd()))
        bar = planned.fail_on or Severity.ERROR
        for spec in collected(planned.specs, _crew(self.config)):
            yield CheckNode.from_parent(self, name=_name(spec.name), spec=spec, bar=bar)


class CheckNode(pytest.Collector):
    """One check: a collector of its claims, which share one run of it."""

    def __init__(self, *, spec: CheckSpec, bar: Severity, **node: Any) -> None:
        super().__init__(**node)
        self.spec, self.bar = spec, bar
        self.outcome: Check | None = None

    def claims(self) -> tuple[str, ...]:
        """Return what the claims are called, as far as that is known before the check is run."""
        from .words import written

        names = ("specification",) if self.spec.error else self.spec.claims
        return names or written(self.spec.told)

    def collect(self) -> Iterable[ClaimItem]:
        seen: dict[str, int] = {}
        for position, claim in enumerate(self.claims()):
            seen[claim] = seen.get(claim, 0) + 1
            name = _name(claim) if seen[claim] == 1 else f"{_name(claim)} ({seen[claim]})"
            yield ClaimItem.from_parent(self, name=name, position=position)

    def checked(self) -> Check:
        """Return the check, run once for all its claims."""
        from .run import checked

        if self.outcome is None:
            self.outcome = checked(self.spec, _crew(self.config)).check
        if self.outcome is None:
            raise KeyboardInterrupt
        return self.outcome


class ClaimItem(pytest.Item):
    """One claim as a test: it fails by the findings that would fail `verifier run`."""

    def __init__(self, *, position: int, **node: Any) -> None:
        super().__init__(**node)
        self.position = position
        self.add_marker("verifier")

    def runtest(self) -> None:
        from .renderers.as_text import problem_text
        from .renderers.problems import problems_of
        from .verdicts import at_least

        node = self._check
        check = node.checked()
        own = _own(check, node.claims(), self.position)
        found = [p for p in problems_of(check) if p.claim in own or p.claim is None]
        counts = [p for p in found if at_least(p.severity, node.bar) and not p.excused]
        if counts:
            raise ClaimFailed("\n\n".join(problem_text(p) for p in counts), counts[0].sentence)
        if found:
            text = "\n\n".join(problem_text(problem) for problem in found)
            self.add_report_section("call", "verifier", text)

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        if not isinstance(excinfo.value, ClaimFailed):
            return super().repr_failure(excinfo, style)
        path, line, _ = self.reportinfo()
        crash = Crash(str(path), line + 1, excinfo.value.sentence)
        return Told(str(excinfo.value), crash)

    def reportinfo(self) -> tuple[Path, int, str]:
        where = self._check.spec.where
        place = Path.cwd() / where.file if where else self.path
        return place, (where.line - 1 if where else 0), f"{self._check.name}: {self.name}"

    @property
    def _check(self) -> CheckNode:
        assert isinstance(self.parent, CheckNode)
        return self.parent


class ClaimFailed(Exception):
    """A claim does not hold: the findings as text, and the first one's sentence."""

    def __init__(self, text: str, sentence: str) -> None:
        super().__init__(text)
        self.sentence = sentence


@dataclass(frozen=True)
class Crash:
    """What pytest's short summary says of a failure."""

    path: str
    lineno: int
    message: str


@dataclass(frozen=True)
class Told:
    """A failure as pytest shows it: the finding's text, without a traceback."""

    text: str
    reprcrash: Crash

    def __str__(self) -> str:
        return self.text

    def toterminal(self, terminal: Any) -> None:
        for line in self.text.splitlines():
            terminal.line(line)


def _own(check: Check, names: Sequence[str], position: int) -> list[Claim]:
    """Return the claims of `check` that the test at `position` of `names` stands for.

    A claim is found by its name. What no test is named after (what the run itself showed, the facts
    of `inspect`) goes to the first test without a claim, else to the first test.
    """
    from .claim_grammar import tidied

    taken: dict[int, list[Claim]] = {place: [] for place in range(len(names))}
    rest: list[Claim] = []
    for claim in check.claims:
        fits = (k for k, name in enumerate(names) if claim.claim in (name, tidied(name)))
        place = next((k for k in fits if not taken[k]), None)
        (rest if place is None else taken[place]).append(claim)
    heir = next((place for place, found in taken.items() if not found), 0)
    return taken[position] + (rest if position == heir else [])


def _name(text: str) -> str:
    """Return `text` as a part of a test's id: on one line, and without the separator of ids."""
    from .renderers.shown import visible

    return visible(text, 120).replace("::", ":")
