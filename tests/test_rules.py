"""Every rule has a whole page whose models run, and a wrong name is answered with the right one."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

from verifier.errors import BadSpec
from verifier.rules import RULES, Rule, explain
from verifier.rules.rule import code
from verifier.verdicts import Severity

every_rule = pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
DESIGNED = (
    "wrong-derivative",
    "nan-derivative",
    "one-sided-derivative",
    "not-a-subgradient",
    "truncated-constant",
    "asymmetric-hessian",
    "kink",
    "jump",
    "infinite-slope",
    "flat-curvature",
    "not-convex",
    "not-monotone",
    "lipschitz-exceeded",
    "out-of-bounds",
    "precision-loss",
    "overflow",
    "nan-value",
    "outside-rounding-budget",
    "dead-unit",
    "saturated-unit",
    "vanishing-gradient",
    "singular-hessian",
    "front-ends-disagree",
    "not-covered",
    "wrong-shape",
    "claim-raised",
    "not-deterministic",
    "mutated-input",
    "internal-disagreement",
    "internal-error",
    "stale-baseline",
)


def test_these_are_the_rules() -> None:
    assert sorted(RULES) == sorted(DESIGNED)
    assert all(name == rule.name for name, rule in RULES.items())


@every_rule
def test_a_page_is_whole(rule: Rule) -> None:
    page = explain(rule.name)
    assert page.startswith(f"{rule.name} ({rule.severity.value}): {rule.title}")
    for title in ("What it means", "How it is decided", "What to do", "A model that fails"):
        assert re.search(f"^{title}\n    \\S", page, re.M)
    assert max(map(len, page.splitlines())) <= 100
    assert isinstance(rule.severity, Severity)


@every_rule
@pytest.mark.parametrize("kind", ["fails", "mended"])
def test_the_models_of_a_page_run(rule: Rule, kind: str) -> None:
    names: dict[str, object] = {}
    exec(compile(code(getattr(rule, kind)), f"{rule.name}-{kind}", "exec"), names)
    assert any(callable(value) for name, value in names.items() if not name.startswith("_"))
    assert kind == "mended" or rule.fails != rule.mended


def models(name: str, kind: str) -> dict[str, object]:
    names: dict[str, object] = {}
    exec(code(getattr(RULES[name], kind)), names)
    return names


def test_the_faults_are_real() -> None:
    with np.errstate(all="ignore"):
        bad, good = (models("nan-derivative", kind)["dsigmoid"] for kind in ("fails", "mended"))
        assert np.isnan(bad(-800.0)) and good(-800.0) == 0
        bad, good = (models("overflow", kind)["logsumexp"] for kind in ("fails", "mended"))
        assert np.isinf(bad(np.array([800.0]))) and good(np.array([800.0])) == 800
        bad, good = (models("nan-value", kind)["entropy"] for kind in ("fails", "mended"))
        assert np.isnan(bad(np.array([0.0, 1.0]))) and good(np.array([0.0, 1.0])) == 0
    bad, good = (models("not-a-subgradient", kind)["dleaky_relu"] for kind in ("fails", "mended"))
    assert bad(np.zeros(1)) > 1 >= good(np.zeros(1))
    bad, good = (models("jump", kind)["f"] for kind in ("fails", "mended"))
    assert bad(1.0) == 1.5 and good(1.0) == 1
    bad, good = (models("asymmetric-hessian", kind)["hessian"] for kind in ("fails", "mended"))
    x = np.array([1.0, 2.0])
    assert (bad(x) != bad(x).T).any() and (good(x) == good(x).T).all()
    bad, good = (models("mutated-input", kind)["softmax"] for kind in ("fails", "mended"))
    first, second = np.array([1.0, 2.0]), np.array([1.0, 2.0])
    np.testing.assert_allclose(bad(first), good(second))
    assert first[1] == 0 and second[1] == 2


@pytest.mark.parametrize(
    "name, hint",
    [
        ("wrong-derivatives", "Did you mean 'wrong-derivative'"),
        ("not-konvex", "Did you mean 'not-convex'"),
        ("zzzzz", "The rules are: wrong-derivative, nan-derivative"),
    ],
)
def test_a_misspelt_rule_is_answered_with_the_nearest(name: str, hint: str) -> None:
    with pytest.raises(BadSpec, match=f"unknown rule '{name}'.*{hint}"):
        explain(name)


def test_case_and_underscores_are_forgiven() -> None:
    assert explain(" Wrong_Derivative ") == RULES["wrong-derivative"].page


def test_rules_are_named_once() -> None:
    package = Path(__file__).resolve().parents[1] / "verifier" / "rules"
    text = "".join(path.read_text("utf-8") for path in package.glob("*.py"))
    assert all(text.count(f'        "{name}",\n') == 1 for name in RULES)
