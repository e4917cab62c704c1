"""A claimed derivative against the truth at every point of the plan.

The claim: `derivative`, `second_derivative`, `gradient`, `jacobian`, `hessian`,
`hessian_diagonal`, `hvp`, `vjp`, `backward`, `value_and_gradient`.
How it is decided: function and claim are lifted to graphs; the slope graph of the function and the
claim's own graph are read in balls; a component agrees where the two overlap sharply and is refuted
where they are disjoint with every constant at its stored value and with every rounded constant
widened by 4 ulp. REFUTED carries the input; PASSED says at how many points and sign patterns.
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec
import numpy as np

from ..frontends.calling import origin_of
from ..numerals.balls import all_finite, plain
from ..readers.fault import Diagnose
from ..settings import Settings
from ..verdicts import Claim, Finding, Origin, Severity
from .audit import audit
from .blocks import WrongShape
from .derivative_plots import scene_of, shown
from .diagnose import explained
from .findings import finding
from .flatness import flat_curvature
from .hessian_plots import fewer, hessian_plot
from .hunt import hunt
from .judge import judge
from .not_covered import not_lifted
from .off_budget import off_budget
from .outcome import Outcome, outcome_at
from .request import Request
from .simplest import simplest
from .subject import Here
from .tally import BATCHED, Tally, conclude, count

Array = np.ndarray


def check_derivative(
    request: Request, kind: str, heres: Iterable[Here], numbers: Settings,
    diagnose: Diagnose | None = None,
) -> Claim:
    """Return what became of the claimed derivative `kind` over the points of `heres`."""
    tally = Tally(diagnose=diagnose)
    for here in heres:
        _one_point(request, kind, here, numbers, tally)
        if _refuted(tally) and tally.points >= _ENOUGH:
            break
    hidden = None if _refuted(tally) else hunt(request, kind, heres, numbers)
    if hidden is not None:
        _one_point(request, kind, hidden, numbers, tally)
    if tally.points and not _refuted(tally):
        for each in flat_curvature(request, kind, next(iter(heres))):
            _keep(tally, each)
    if tally.stopped is not None and not _refuted(tally):
        for each in not_lifted(request, kind, "the claim", tally.stopped):
            _keep(tally, each)
    _soften(tally, bool(getattr(getattr(heres, "plan", None), "domains", None)))
    for key, told in tally.findings.items():
        simple = simplest(request, kind, heres, told, numbers)
        tally.findings[key] = shown(simple, tally.scene)
    return conclude(request, kind, tally)


def _soften(tally: Tally, drawn: bool) -> None:
    """A claim that raises at some drawn points and answers at others: a warning, not an ERROR.

    The user may not mean the whole box (inv of the zero matrix); at points given it stays an error.
    """
    for key, told in tally.findings.items():
        if told.rule == "claim-raised" and drawn and tally.components:
            sentence = f"at some points of the domain {told.explanation}"
            tally.findings[key] = msgspec.structs.replace(
                told, severity=Severity.WARNING, explanation=sentence)


def _refuted(tally: Tally) -> bool:
    return any(f.severity is Severity.ERROR and f.rule != "claim-raised"
               for f in tally.findings.values())


_ENOUGH = 4  # points after which a refuted claim is not looked at further


def _one_point(
    request: Request, kind: str, here: Here, numbers: Settings, tally: Tally
) -> None:
    skip = _not_judged(here)
    if skip:
        tally.notes[skip] = None
        return
    try:
        found = here.known.pop(kind, None) or outcome_at(request, kind, here, numbers)
    except WrongShape as error:
        _keep(tally, finding("wrong-shape", error.message, check=request.name, claim=kind,
                             origin=_place(request, kind), remedy=error.hint))
        tally.points += 1
        return
    tally.points += here.value.size if kind in BATCHED else 1
    if _trouble(request, kind, found, tally):
        return
    count(found, tally)
    tally.scene = tally.scene or scene_of(found)
    tally.matrix = fewer(tally.matrix, hessian_plot(found))
    news = _news(tally, judge(request, found))
    for each in explained(request, found, news, tally.diagnose, tally.notes):
        _keep(tally, each)
    wrong = {label for rule, label in tally.findings if rule == "wrong-derivative"}
    for each in (*audit(request, found, tally), *off_budget(request, found, wrong)):
        _keep(tally, each)


def _not_judged(here: Here) -> str:
    """Return why no derivative can be judged at this point, "" where one can (SOUNDNESS 1)."""
    if not here.observed.repeatable:
        return "two runs of the function at one point differ: it has no derivative to compare with"
    if np.all(np.isfinite(here.value.astype(float))):
        return ""
    if here.output is not None and here.road.reading is not None:
        if all_finite(plain(here.road.reading.values[here.output])):
            return ""
        if here.value.size > 1 and np.isfinite(here.value.astype(float)).any():
            return ""
    return "the function is not finite at some points"


def _news(tally: Tally, found: Iterable[Finding]) -> list[Finding]:
    """Return the findings that are new, or whose cause could not be named before."""
    return [f for f in found if (old := tally.findings.get((f.rule, f.argument))) is None
            or (f.rule == "wrong-derivative" and old.diagnosis is None)]


def _keep(tally: Tally, found: Finding) -> None:
    old = tally.findings.setdefault((found.rule, found.argument), found)
    if found.diagnosis is not None and old.diagnosis is None:
        tally.findings[found.rule, found.argument] = found


def _place(request: Request, kind: str) -> Origin | None:
    """Return where the claimed derivative is defined."""
    return origin_of(request.derivatives[kind]) or request.origin


def _trouble(request: Request, kind: str, found: Outcome, tally: Tally) -> bool:
    """Report what the claim did besides returning numbers; True where nothing can be judged."""
    seen = found.observed
    if seen.raised is not None:
        _keep(tally, finding("claim-raised", f"the claim raises {seen.raised}", check=request.name,
                             claim=kind, origin=seen.where))
        return True
    if seen.mutated:
        names = ", ".join(seen.mutated)
        _keep(tally, finding("mutated-input", f"the claim changes its input {names} in place",
                             check=request.name, claim=kind, origin=_place(request, kind)))
    if not seen.repeatable:
        _keep(tally, finding("not-deterministic", "two runs of the claim at one point differ",
                             check=request.name, claim=kind, origin=_place(request, kind)))
    return False
