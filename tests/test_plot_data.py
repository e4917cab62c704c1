"""The data of plots: what a check writes down so that its finding can be seen."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import verifier as vf
from verifier.plotted import Blame, Digits, Graph, Volume
from verifier.verdicts import Claim, Finding, Verdict


def softplus(x: Any) -> Any:
    return np.logaddexp(0, x)


def sigmoid(x: Any) -> Any:
    return 1 / (1 + np.exp(-x))


def halved(x: Any) -> Any:
    return 0.5 / (1 + np.exp(-x))


def relu(x: Any) -> Any:
    return np.maximum(x, 0.0)


def step(x: Any) -> Any:
    return (x > 0).astype(float)


def huber(x: Any) -> Any:
    return np.where(np.abs(x) < 1, 0.5 * x * x, np.abs(x) - 0.5)


def silu(x: Any) -> Any:
    return x / (1 + np.exp(-x))


def naive(x: Any) -> Any:
    y = 1 + x
    return np.log(y)


def summed(w: Any) -> Any:
    return np.sum(np.abs(w)) - w[0] * w[1]


def claim_of(function: Any, on: Any, claim: str = "", **more: Any) -> Claim:
    report = vf.verify(function, on={"w" if function is summed else "x": on},
                       claims=[claim] if claim else [], **more)  # fmt: skip
    return report.document.checks[0].claims[0]


def finding_of(function: Any, on: Any, claim: str = "", **more: Any) -> Finding:
    (found,) = claim_of(function, on, claim, **more).findings
    return found


def graph_of(finding: Finding) -> Graph:
    (graph,) = [each for each in finding.plots if isinstance(each, Graph)]
    assert len(graph.at) == len(graph.values) <= 64 and list(graph.at) == sorted(graph.at)
    return graph


def test_a_wrong_derivative_is_drawn_beside_the_truth() -> None:
    graph = graph_of(finding_of(softplus, "[-8, 8]", derivative=halved))
    assert (graph.along, graph.what) == ("x", "f'")
    at = np.array(graph.at)
    np.testing.assert_allclose(graph.values, sigmoid(at), rtol=1e-12)
    np.testing.assert_allclose(graph.others["claimed"], sigmoid(at) / 2, rtol=1e-12)
    assert len(at) > 40 and at[0] == -8 and at[-1] == 8


def test_a_kink_is_marked_on_the_function() -> None:
    finding = finding_of(relu, "[-3, 3]", derivative=step)
    graph = graph_of(finding)
    assert finding.rule == "one-sided-derivative" and graph.marks == {"kink": 0.0}
    np.testing.assert_array_equal(graph.values, np.maximum(graph.at, 0.0))


def test_the_kink_beside_a_wrong_derivative_has_a_distance() -> None:
    def twice(x: Any) -> Any:
        return 2.0 * (x > 0)

    claim = claim_of(relu, "[-3, 3]", derivative=twice)
    finding = next(f for f in claim.findings if f.rule == "wrong-derivative")
    assert finding.witness is not None
    place = float.fromhex(finding.witness.point["x"].hex[0])
    assert float(finding.witness.numbers["kink distance"]) == abs(place)


@pytest.mark.parametrize(
    "function, on, claim, what",
    [
        (relu, "[-3, 3]", "C1", "f"),
        (huber, "[-3, 3]", "C2", "f' by differences"),
        (silu, "[-30, 30]", "increasing in x", "f"),
        (silu, "[-30, 30]", "1-Lipschitz", "f"),
        (huber, "[-3, 3]", "0 <= f <= 2", "f"),
        (silu, "[-30, 30]", "df/dx <= 1", "f' by differences"),
        (silu, "[-30, 30]", "convex", "f"),
    ],
)
def test_a_refuted_property_is_drawn_around_its_witness(
    function: Any, on: str, claim: str, what: str
) -> None:
    finding = finding_of(function, on, claim)
    graph = graph_of(finding)
    assert graph.what == what and finding.witness is not None
    low, high = map(float, on.strip("[]").split(","))
    place = float.fromhex(finding.witness.point["x"].hex[0])
    if graph.along == "x":
        assert low <= graph.at[0] <= place <= graph.at[-1] <= high
    if what == "f" and graph.along == "x":
        np.testing.assert_array_equal(graph.values, function(np.array(graph.at)))
    elif graph.along == "x":
        steps = np.diff(graph.at)
        slope = np.diff(function(np.array(graph.at))) / steps  # the slope between two places
        middle = (np.array(graph.values[1:]) + np.array(graph.values[:-1])) / 2
        np.testing.assert_allclose(middle, slope, atol=0.1)


def test_claimed_bounds_are_lines() -> None:
    lines = graph_of(finding_of(huber, "[-3, 3]", "0 <= f <= 2")).lines
    assert lines == {"lower bound": 0.0, "upper bound": 2.0}


def test_a_witness_of_several_numbers_is_drawn_along_its_segment() -> None:
    graph = graph_of(finding_of(summed, "[-1, 1]^(2)", "C1"))
    assert graph.along == "t" and 0 < graph.marks["kink"] < 1


def test_lost_digits_are_drawn_by_dtype_and_blamed_on_their_line() -> None:
    finding = finding_of(naive, "[1e-12, 1]", "12 digits")
    digits, blame = finding.plots
    assert isinstance(digits, Digits) and digits.wanted == 12.0
    kept = dict(zip(digits.at, digits.kept["float64"], strict=True))
    x = min(kept)
    error = abs(naive(np.float64(x)) - np.log1p(x)) / np.log1p(x)
    assert kept[x] == pytest.approx(-np.log10(error), abs=0.01)
    assert min(digits.kept["float32"]) == 0.0 and max(digits.kept["float32"]) < 10
    assert isinstance(blame, Blame) and blame.lines[0].text.startswith("y = 1 + x")
    assert sum(line.share for line in blame.lines) == pytest.approx(1.0)
    assert "/" not in blame.lines[0].file


def test_digits_that_are_kept_are_drawn_too() -> None:
    plots = claim_of(softplus, "[-8, 8]", "10 digits").evidence.plots
    assert [type(each) for each in plots] == [Digits]


@pytest.mark.parametrize("bound", ["f >= -0.1", "f >= 0"])
def test_a_cover_says_which_share_is_decided(bound: str) -> None:
    def form(x: Any) -> Any:  # the square of x0^2 - 2 x1^2, which is 0 along two lines
        return x[0] ** 4 - 4 * x[0] ** 2 * x[1] ** 2 + 4 * x[1] ** 4

    claim = claim_of(form, "[-1, 1]^(2)", bound, budget=2)
    (volume,) = claim.evidence.plots
    assert isinstance(volume, Volume) and volume.boxes > 1 and volume.refuted == 0
    assert volume.proved + volume.undecided == pytest.approx(1)
    open_ = claim.verdict is Verdict.UNDECIDED
    assert (volume.undecided > 0) == open_ == bool(volume.undecided_at)
