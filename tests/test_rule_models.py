"""Each rule's page shows a model that fails and the same one mended: the rule is found in the one.

What is asked of a model stands in ASKED: the page names the fault, not the whole specification.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

import verifier as vf
from verifier.importing import import_file
from verifier.report import Report
from verifier.rules import RULES
from verifier.rules.rule import code

X = np.array([[0.5, -1.0], [1.5, 0.25], [-0.75, 0.5]])
Y = np.array([0.5, -0.25, 1.0])
WEIGHTS = {"w": "[-1, 1]^(2)", "X": X, "y": Y}
NOT_REPORTED = {
    "front-ends-disagree": "`against` has no check yet, and its page says so",
    "internal-disagreement": "a fault of the table: planted in test_oracles",
    "internal-error": "a fault of verifier: planted in test_own_faults",
    "stale-baseline": "needs a baseline: test_diff",
}


def sigmoid(x: Any) -> Any:
    return 1 / (1 + np.exp(-x))


def sines(w: Any) -> Any:
    return np.sum(np.sin(w))


def shifted(b: Any, X: Any) -> Any:
    return np.sum(X + b)


def squares(w: Any, X: Any) -> Any:
    return 0.5 * np.sum((X @ w) ** 2)


def _noise(m: ModuleType) -> dict[str, Any]:
    more = {"mask": np.array([1.0, 0.0, 1.0])} if "mask" in m.forward.__code__.co_varnames else {}
    return {"x": "[-1, 1]^(3)", **more}


def _first(m: ModuleType, *names: str) -> Any:
    return next(getattr(m, name) for name in names if hasattr(m, name))


ASKED: dict[str, Callable[[ModuleType], tuple[Any, dict[str, Any]]]] = {
    "wrong-derivative": lambda m: (m.loss, {"on": WEIGHTS, "gradient": m.gradient}),
    "nan-derivative": lambda m: (sigmoid, {"on": {"x": "[-800, 800]"}, "derivative": m.dsigmoid}),
    "one-sided-derivative": lambda m: (
        _first(m, "relu", "softplus"),
        {"on": {"x": "[-2, 2]"}, "derivative": _first(m, "drelu", "dsoftplus")},
    ),
    "not-a-subgradient": lambda m: (
        m.leaky_relu, {"on": {"x": "[-2, 2]"}, "derivative": m.dleaky_relu},
    ),
    "truncated-constant": lambda m: (
        m.sigmoid, {"on": {"x": "[-4, 4]"}, "derivative": m.dsigmoid},
    ),
    "asymmetric-hessian": lambda m: (m.f, {"on": {"x": "[-1, 1]^(2)"}, "hessian": m.hessian}),
    "kink": lambda m: (m.penalty, {"on": {"w": "[-1, 1]^(2)"}, "claims": "C1 in w"}),
    "jump": lambda m: (m.f, {"on": {"x": "[0, 2]"}, "claims": "C0"}),
    "infinite-slope": lambda m: (m.distance, {"on": {"x": "[-1, 1]^(2)"}, "claims": "C1 in x"}),
    "flat-curvature": lambda m: (m.net, {"on": {"x": "[-4, 4]"}, "inspect": True}),
    "not-convex": lambda m: (
        _first(m, "swish", "softplus"), {"on": {"x": "[-6, 6]"}, "claims": "convex"},
    ),
    "not-monotone": lambda m: (
        _first(m, "silu", "softplus"), {"on": {"x": "[-6, 6]"}, "claims": "increasing in x"},
    ),
    "lipschitz-exceeded": lambda m: (m.f, {"on": {"x": "[-6, 6]"}, "claims": "1.01-Lipschitz"}),
    "out-of-bounds": lambda m: (m.probability, {"on": {"x": "[-3, 3]"}, "claims": "0 <= f <= 1"}),
    "precision-loss": lambda m: (np.tanh, {"on": {"x": "[-20, 20]"}, "derivative": m.dtanh}),
    "overflow": lambda m: (m.logsumexp, {"on": {"x": "[-1000, 1000]^(3)"}, "claims": "finite"}),
    "nan-value": lambda m: (m.entropy, {"on": {"p": "[0, 1]^(3)"}, "claims": "finite"}),
    "outside-rounding-budget": lambda m: (
        sines, {"on": {"w": "[-1, 1]^(3)"}, "gradient": m.gradient},
    ),
    "not-covered": lambda m: (
        m.f, {"on": {"x": "[-2, 2]^(3)"}, "jacobian": lambda x: np.diag(2 * np.asarray(x))},
    ),
    "dead-unit": lambda m: (m.unit, {"on": {"x": "[-10, 10]"}, "inspect": True}),
    "saturated-unit": lambda m: (m.unit, {"on": {"x": "[1, 2]"}, "inspect": True}),
    "vanishing-gradient": lambda m: (m.net, {"on": {"x": "[-1, 1]"}, "inspect": True}),
    "singular-hessian": lambda m: (m.loss, {"on": {"w": "[-1, 1]^(2)"}, "inspect": True}),
    "wrong-shape": lambda m: (
        shifted,
        {
            "on": {"b": "[-1, 1]^(2)", "X": X},
            "gradient": lambda b, X: m.gradient_of_bias(np.ones_like(X), b),
        },
    ),
    "claim-raised": lambda m: (
        squares, {"on": {"w": "[-1, 1]^(2)", "X": X}, "gradient": m.gradient},
    ),
    "not-deterministic": lambda m: (m.forward, {"on": _noise(m), "claims": "finite"}),
    "mutated-input": lambda m: (m.softmax, {"on": {"x": "[-1, 1]^(3)"}, "claims": "finite"}),
}  # fmt: skip


def asked(name: str, kind: str, folder: Path) -> Report:
    """Write the model of a page to a file, import it, and ask what its rule is about."""
    file = folder / f"{name.replace('-', '_')}_{kind}.py"
    file.write_text(code(getattr(RULES[name], kind)) + "\n")
    try:
        model = import_file(file)
        subject, words = ASKED[name](model)
        return vf.verify(subject, effort="quick", **words)
    finally:
        sys.modules.pop(file.stem, None)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", ASKED)
def test_the_model_that_fails_is_found_out_and_the_mended_one_is_not(
    name: str, tmp_path: Path
) -> None:
    fails, mended = (asked(name, kind, tmp_path) for kind in ("fails", "mended"))
    assert name in {finding.rule for finding in fails.findings}
    assert name not in {finding.rule for finding in mended.findings}
    assert mended.holds


def test_no_rule_is_forgotten() -> None:
    assert sorted(ASKED.keys() | NOT_REPORTED.keys()) == sorted(RULES)


def test_finite_is_refuted_where_the_function_has_no_value(tmp_path: Path) -> None:
    report = asked("nan-value", "fails", tmp_path)
    assert report.verdict is vf.Verdict.REFUTED
