"""How a corpus case is put to `verifier.verify`, and which findings fit it."""

from __future__ import annotations

import inspect
from typing import Any

import numpy as np

import verifier as vf

from .exact import inputs
from .record import (
    KINK_CANCELS,
    LOST_DIGITS,
    NAN_OR_INF,
    NO_DERIVATIVE,
    NOT_CONVEX,
    ONE_SIDED,
    WRONG,
    Case,
)

FITS: dict[str, frozenset[str]] = {
    WRONG: frozenset(
        {"wrong-derivative", "truncated-constant", "asymmetric-hessian", "not-a-subgradient"}
    ),
    NAN_OR_INF: frozenset({"nan-derivative", "overflow", "nan-value"}),
    NO_DERIVATIVE: frozenset(
        {
            "kink",
            "jump",
            "infinite-slope",
            "one-sided-derivative",
            "not-a-subgradient",
            "nan-derivative",
        }
    ),
    ONE_SIDED: frozenset({"one-sided-derivative", "kink", "jump", "infinite-slope"}),
    KINK_CANCELS: frozenset({"wrong-derivative"}),
    LOST_DIGITS: frozenset(
        {"precision-loss", "truncated-constant", "overflow", "wrong-derivative"}
    ),
    NOT_CONVEX: frozenset({"not-convex"}),
}

BOXES = {"real": "[-6, 6]", "pos": "(0, 10]", "unit": "[0.01, 0.99]"}


def fitting_rules(case: Case) -> frozenset[str]:
    """Return the rules that name the case's fault, widened by what it accepts."""
    return frozenset().union(*(FITS[word] for word in (case.expected, *case.accept)))


def told(case: Case, points: tuple[Any, ...], **options: Any) -> Any:
    """Verify the case's claim at the given points."""
    at = [inputs(case, point) for point in points]
    return vf.verify(case.function, at=at, dtype=case.dtype, **_claim(case), **options)


def blind(case: Case, budget: float = 10.0) -> Any:
    """Verify the case's claim on a box a user would state, without saying where to look."""
    name = next(iter(inspect.signature(case.function).parameters))
    on = {name: _box(case)}
    return vf.verify(case.function, on=on, dtype=case.dtype, budget=budget, **_claim(case))


def convex(case: Case, budget: float = 10.0) -> Any:
    """Verify that the case's function is convex on its region."""
    name = next(iter(inspect.signature(case.function).parameters))
    region = " x ".join(f"[{low}, {high}]" for low, high in case.region)
    if len(case.region) == 1:
        region += "^(1)"
    return vf.verify(case.function, on={name: region}, claims=["convex"], budget=budget)


def rules(report: Any) -> frozenset[str]:
    """Return the rules of a report's findings."""
    return frozenset(finding.rule for finding in report.findings)


def errors(report: Any) -> list[str]:
    """Return the findings of severity error, as text."""
    found = [f for f in report.findings if f.severity == "error"]
    return [f"{f.rule}: {f.explanation}" for f in found]


def _claim(case: Case) -> dict[str, Any]:
    if not case.scalar:
        return {("derivative", "second_derivative")[case.order - 1]: case.claimed}
    if case.order == 1:
        return {"gradient": case.claimed}
    return {"hessian_diagonal" if case.diagonal else "hessian": case.claimed}


def _box(case: Case) -> Any:
    point = inputs(case, case.points[0])
    if case.domain == "near":
        reach = 0.2 * np.abs(point)
        return vf.box(point - reach, point + reach)
    box = case.box or BOXES[case.domain]
    shape = "x".join(str(n) for n in point.shape)
    return f"{box}^({shape})" if case.scalar else box
