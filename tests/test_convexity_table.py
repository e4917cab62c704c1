"""Functions of vectors and matrices: each claim about their curvature is decided as theory says."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import verifier as vf
from tests.curved_vectors import BOTH, CURVED, DOWN, Curved
from tests.truth_table import TABLE, source

BOXES = {"R": "(-oo, oo)^({n})", "positive": "(0, oo)^({n})", "x1>0": "(-oo, oo) x (0, oo)",
         "posdef": "[1, 2] x [-0.5, 0.5] x [1, 2]"}


def verdicts(function: Callable[..., object], on: dict[str, str], claims: list[str]) -> Any:
    """Return verdict and reason of each claim."""
    (check,) = vf.verify(function, on=on, claims=claims, budget=60).checks
    assert not check.error, check.error
    return {c.claim: c for c in check.claims}


@pytest.mark.parametrize("curved", CURVED, ids=lambda c: c.name)
def test_curvature_is_decided(curved: Curved) -> None:
    wanted = dict(curved.claims)
    if wanted in (BOTH, DOWN) and CURVED.index(curved) % 3:  # the other side, for a third of them
        wanted = {n: v for n, v in wanted.items() if v == "PROVED"}
    found = verdicts(curved.function, curved.on, list(wanted))
    told = {name: (found[name].verdict.value, found[name].reason) for name in wanted}
    assert {n: v for n, (v, _) in told.items()} == wanted, told
    for name, claim in found.items():
        if wanted.get(name) == "REFUTED":
            (finding,) = claim.findings
            assert finding.witness is not None and finding.plots


@pytest.mark.parametrize("curved", CURVED, ids=lambda c: c.name)
def test_truth_agrees_with_chords_in_floats(curved: Curved) -> None:
    """The table itself: no chord contradicts what it calls convex or concave."""
    from verifier.domains import parse_domain
    from verifier.search.points import propose

    random = np.random.default_rng(3)
    domains = {k: parse_domain(v, name=k) for k, v in curved.on.items()}
    shapes = {k: d.shape or () for k, d in domains.items()}
    points = [{k: np.asarray(v) for k, v in p.items()}
              for p in propose(domains, shapes, "float64", 1, 60)]
    points = [p for p in points if all(np.abs(v).max(initial=0) < 50 for v in p.values())]
    for _ in range(60):
        a, b = (points[int(random.integers(len(points)))] for _ in range(2))
        middle = {k: (a[k] + b[k]) / 2 for k in a}
        with np.errstate(all="ignore"):
            fa, fb, fm = (float(curved.function(**p)) for p in (a, b, middle))  # type: ignore[arg-type]
        gap, noise = fm - (fa + fb) / 2, 1e-9 * (1 + abs(fa) + abs(fb) + abs(fm))
        if np.isfinite(gap):
            assert curved.claims.get("convex") != "PROVED" or gap <= noise, (a, b)
            assert curved.claims.get("concave") != "PROVED" or gap >= -noise, (a, b)


def entry_function(entry: dict[str, Any]) -> Callable[[Any], Any]:
    """Return a vector entry of the published table as a function a user could have written."""
    scope: dict[str, Any] = {"np": np}
    names = ", ".join(entry["variables"])
    text = ast.unparse(ast.parse(source(entry["formula"])))
    exec(f"def subject(x):\n    {names} = x\n    return {text}\n", scope)
    made: Callable[[Any], Any] = scope["subject"]
    return made


@pytest.mark.parametrize("entry", TABLE["vector"], ids=lambda e: e["name"])
def test_the_published_table_is_decided(entry: dict[str, Any]) -> None:
    on = BOXES[entry["domain"]].format(n=len(entry["variables"]))
    wanted = {name: "PROVED" if entry[name] else "REFUTED" for name in ("convex", "concave")}
    if entry["smoothness"] == "Cinf":
        wanted |= {"C2": "PROVED"}
    else:
        wanted |= {"C0": "PROVED", "C1": "REFUTED"}
    found = verdicts(entry_function(entry), {"x": on}, list(wanted))
    assert {n: found[n].verdict.value for n in wanted} == wanted, {
        n: found[n].reason for n in wanted}
