"""The words a report is written in: verdicts, findings, witnesses, checks. Pure data.

Everything here is frozen and reaches JSON as it stands. A real number is a :class:`Real` (its exact
bits, a text, and a plain number where it is finite), an enclosure is a :class:`Enclosure`.
"""

from __future__ import annotations

import enum
import os
from typing import Any

import msgspec

from .plotted import Plotted

FORMAT = 1  # 1: first published format


class Verdict(str, enum.Enum):
    """What became of a claim, from best to worst."""

    PROVED = "PROVED"
    PASSED = "PASSED"
    UNDECIDED = "UNDECIDED"
    REFUTED = "REFUTED"
    ERROR = "ERROR"


class Severity(str, enum.Enum):
    """How much a finding matters: only errors fail a run by default."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


# What `inspect` reports without any claim: claims of these names carry facts in their notes.
FACTS = ("smoothness", "kinks", "curvature", "units", "digits")

_ORDER = tuple(Verdict)
_SEVERITIES = (Severity.NOTE, Severity.WARNING, Severity.ERROR)


def worst(verdicts: Any) -> Verdict:
    """Return the worst of `verdicts` (ERROR > REFUTED > UNDECIDED > PASSED > PROVED)."""
    found = list(verdicts)
    return max(found, key=_ORDER.index) if found else Verdict.UNDECIDED


def at_least(severity: Severity, bar: Severity) -> bool:
    """Tell whether `severity` is `bar` or worse."""
    return _SEVERITIES.index(severity) >= _SEVERITIES.index(bar)


class Origin(msgspec.Struct, frozen=True):
    """A place in the user's source: file, 1-based line, and the text that stands there."""

    file: str
    line: int
    text: str = ""

    def __str__(self) -> str:
        """`file:line`, relative to the working folder where the file lies below it."""
        below = os.getcwd() + os.sep
        return f"{self.file.removeprefix(below)}:{self.line}"


class Real(msgspec.Struct, frozen=True, omit_defaults=True):
    """One floating number: exact bits (`float.hex`), shortest text, and the number when finite."""

    hex: str
    text: str
    number: float | None = None


class Enclosure(msgspec.Struct, frozen=True):
    """A ball: decimal midpoint and radius, both as text."""

    mid: str
    radius: str


class Tensor(msgspec.Struct, frozen=True, omit_defaults=True):
    """An array as it was run: dtype, shape and its elements in C order as hexadecimal floats.

    `hex` holds every element, so a witness can be replayed bit for bit. `text` shows up to eight.
    """

    dtype: str
    shape: tuple[int, ...]
    hex: tuple[str, ...] = ()
    text: str = ""


class StepCurve(msgspec.Struct, frozen=True):
    """Finite differences against the step: the data of the plot that shows a tolerance lying."""

    steps: tuple[float, ...]
    values: tuple[float, ...]
    errors: tuple[float, ...] = ()


class Witness(msgspec.Struct, frozen=True, omit_defaults=True):
    """The concrete input that refutes a claim, with all the numbers beside each other.

    `point` maps leaf names to the exact input; the four columns are the same quantity read four
    ways: as computed by the user's code, by finite differences of the user's function, by mpmath
    differences, and by the rigorous slope graph; `formula` is the user's formula in balls.
    """

    point: dict[str, Tensor]
    claimed: Real | None = None
    formula: Enclosure | None = None
    finite_difference: Real | None = None
    finite_difference_error: Real | None = None
    mpmath: str | None = None
    ball: Enclosure | None = None
    left: Enclosure | None = None
    right: Enclosure | None = None
    direction: dict[str, Tensor] = {}
    second_point: dict[str, Tensor] = {}
    weight: str | None = None
    numbers: dict[str, str] = {}
    curve: StepCurve | None = None
    relative_error: float | None = None
    norm_error: float | None = None
    budgets: float | None = None
    digits: float | None = None


class Finding(msgspec.Struct, frozen=True, omit_defaults=True):
    """One thing worth telling.

    `explanation` is one sentence in the user's names; `remedy` says what to do; `argument` and
    `index` name the component; `diagnosis` is the confirmed suspicion's name, if any; `plots` are
    what a page draws beside the witness.
    """

    id: str
    rule: str
    severity: Severity
    explanation: str
    argument: str | None = None
    index: tuple[int, ...] | None = None
    origin: Origin | None = None
    witness: Witness | None = None
    remedy: str = ""
    diagnosis: str | None = None
    allowed: str | None = None
    expected: bool = False
    plots: tuple[Plotted, ...] = ()


class AtlasKink(msgspec.Struct, frozen=True, omit_defaults=True):
    """One kink of a function along a segment a + t (b - a), 0 < t < 1.

    `t` is an exact rational ("3/8") or, where kinks are isolated only, a ball that holds one;
    `at` is the nearest float. `left` and `right` are the derivatives by t of order `order` on both
    sides, one text for each output entry (order 0: the limits of a jump). `units` names what
    switches there.
    """

    t: str
    at: float
    left: tuple[str, ...]
    right: tuple[str, ...]
    units: tuple[str, ...] = ()
    order: int = 1


class Evidence(msgspec.Struct, frozen=True, omit_defaults=True):
    """What was looked at: counts, the worst agreement seen, notes on how, kinks, data of plots."""

    components: int = 0
    agreed: int = 0
    undecided: int = 0
    worst_digits: float | None = None
    budget_ratio: float | None = None
    precision: int = 0
    finite_difference: str = ""
    mpmath: str = ""
    notes: tuple[str, ...] = ()
    atlas: tuple[AtlasKink, ...] = ()
    plots: tuple[Plotted, ...] = ()


class Claim(msgspec.Struct, frozen=True, omit_defaults=True):
    """What became of one claim: verdict, by which road, at how many points and sign patterns.

    `certificate` is the data of a proof: the chain of rules, or how the box was cut.
    """

    claim: str
    verdict: Verdict
    semantics: str = "REAL"
    road: str = "lifted"
    points: int = 0
    patterns: int = 0
    evidence: Evidence = Evidence()
    findings: tuple[Finding, ...] = ()
    not_checked: tuple[str, ...] = ()
    reason: str = ""
    certificate: dict[str, Any] | None = None


class Asked(msgspec.Struct, frozen=True, omit_defaults=True):
    """How a check's callables are found again, for `verifier replay`.

    `told` holds the words of the specification, references as text; folders are relative to where
    the report was made. `position` picks a claim of a Python file, None means `subject` alone.
    """

    subject: str
    told: dict[str, Any] = {}
    root: str = "."
    pythonpath: tuple[str, ...] = ()
    position: int | None = None


class Check(msgspec.Struct, frozen=True, omit_defaults=True):
    """One subject with its claims. `holds` says whether it counts as a success (see `expect`).

    `question` and `answer` are the author's own words; the index of a folder opens with them.
    """

    name: str
    subject: str
    verdict: Verdict
    claims: tuple[Claim, ...]
    origin: Origin | None = None
    expect: tuple[str, ...] = ()
    holds: bool = False
    seed: int = 0
    error: str = ""
    cut: bool = False
    asked: Asked | None = None
    question: str = ""
    answer: str = ""


class Document(msgspec.Struct, frozen=True, omit_defaults=True):
    """A whole report as data. `machine` is the only block that varies between equal runs."""

    format: int
    verifier: str
    checks: tuple[Check, ...]
    seed: int
    versions: dict[str, str]
    machine: dict[str, str | float | dict[str, float]] = {}
    interrupted: bool = False
