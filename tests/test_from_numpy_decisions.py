"""Decisions, scalar code and dtypes: what is recorded, and what stays a formula."""

from __future__ import annotations

import math

import numpy as np
import pytest

from verifier.frontends.from_numpy import lift

from .lifting import agree, nodes_in

X = np.array([[0.3, -1.2, 2.5, 0.7], [1.1, 0.4, -0.6, -2.2], [-0.9, 1.7, 0.2, 3.1]])
X2 = X * 1.01 + 0.003
FLIPPED = X * np.array([1, -1, 1, -1])
V = np.array([0.7, -0.4, 1.9, 0.2, -1.5])


def one(program, *others, x=X, **options):
    return agree(lambda d: program(d["x"]), {"x": x}, *({"x": o} for o in others), **options)


# ---------------------------------------------------------------- decisions
def branch(x):
    return x * 2 if x > 0 else -x * x


def test_an_if_records_its_guard_and_the_place():
    lifted = lift(lambda d: branch(d["x"]), {"x": np.array(0.5)})
    (condition,) = lifted.path
    assert condition.node.op == "greater" and bool(condition.taken)
    assert condition.origin is not None and "if x > 0" in condition.origin.text
    assert not lifted.pinned
    other = lift(lambda d: branch(d["x"]), {"x": np.array(-0.5)})
    assert not bool(other.path[0].taken)


def test_an_if_on_data_records_nothing():
    scale = np.array([1.0, 2.0])

    def program(d):
        weights = np.array([0.5, 1.5])
        return d["x"] * 2 if weights.sum() > 1 and scale[0] > 0 else d["x"]

    assert not lift(program, {"x": V}).path


def test_the_truth_of_an_array_is_ambiguous_as_in_numpy():
    with pytest.raises(ValueError, match="truth value of an array"):
        lift(lambda d: 1 if d["x"] > 0 else 2, {"x": V})


def test_max_and_min_stay_in_the_graph():
    lifted = one(
        lambda x: (max(0.0, x[0, 0]), min(x[0, 0], x[0, 1], 1.0), max(list(x[0]))), FLIPPED
    )
    assert not lifted.path


def test_argmax_as_an_index_is_a_decision():
    def pooled(x):
        place = np.unravel_index(np.argmax(x), x.shape)
        out = np.zeros_like(x)
        out[place] = x[place]
        k = x[0].argmax()
        return out, x[1, k], x[0][np.argsort(x[0])[-2:]]

    lifted = one(pooled, X2)
    assert {c.node.op for c in lifted.path} >= {"argmax"}


def test_whole_numbers_made_of_decisions_are_decided():
    row = np.array([0.3, -1.2, 2.5, -0.7])
    lifted = one(lambda x: sum(x[k] for k in range((x > 0).sum())), row * 1.01, x=row)
    (condition,) = lifted.path
    assert condition.node.op == "equal" and condition.node.inputs[0].op == "sum"


def test_the_loop_count_of_a_while_is_recorded():
    def newton(d):
        a, y = d["x"], 1.0
        while abs(y * y - a) > 1e-12:
            y = 0.5 * (y + a / y)
        return y

    lifted = agree(newton, {"x": np.array(2.0)}, {"x": np.array(2.001)}, close=1e-6)
    assert len(lifted.path) > 3


def test_float_and_item_keep_the_value_traced():
    lifted = one(
        lambda x: (
            float(x[0, 0]) * 2,
            x[0, 1].item() + 1,
            x.tolist()[1][1],
            np.float64(x[2, 2]),
            np.float32(x[0, 0]),
        ),
        X2,
        close=1e-6,
    )
    assert len(nodes_in(lifted.output)) == 5 and not lifted.pinned
    assert nodes_in(lifted.output)[-1].dtype == "float32"


def test_a_real_value_that_leaves_python_is_pinned():
    lifted = lift(lambda d: d["x"] * d["x"][0].__float__(), {"x": V})
    (place,) = lifted.pinned
    assert "__float__" in place.text


# ---------------------------------------------------------------- scalar code
def test_math_functions():
    def program(d):
        x = d["x"]
        return (
            math.exp(x) + math.log(abs(x)) - math.sqrt(x * x + 1),
            math.tanh(x),
            math.atan2(x, 2.0),
            math.hypot(x, 3.0),
            math.erf(x),
            math.log(x * x, 10),
            math.pow(2, x),
            math.fabs(x),
            math.lgamma(x + 3),
            x - math.floor(x),
            math.fsum([x, x * x]),
            math.isnan(x) * x,
            math.copysign(3.0, x),
            round(float(x), 1) + x,
        )

    agree(program, {"x": np.array(0.7)}, {"x": np.array(0.71)}, {"x": np.array(-0.4)})


def test_lists_of_traced_numbers_are_arrays():
    def program(x):
        parts = [row.sum() for row in x]
        return (
            np.mean(parts),
            np.exp(parts),
            np.max([x[0, 0], 0.0]),
            np.dot(parts, [1, 2, 3]),
            np.add.reduce(x, axis=1),
            np.where(x > 0, x, 0),
            np.sum((x[0, 0], x[1, 1])),
            np.select([x > 1, x > 0], [x, x * 2]),
            np.maximum(parts, 0),
            np.einsum("ij->j", x),
            np.subtract.outer(x[0], x[1]),
        )

    lifted = one(program, X2)
    assert not lifted.path


def test_python_numbers_stay_weak_and_keep_their_errors():
    def program(d):
        scale = math.exp(d["x"][0]) * 2.0 + 1
        return d["x"] * scale, scale**2 / 3

    lifted = lift(program, {"x": np.array([0.5, 2], dtype="float32")})
    assert [n.dtype for n in lifted.output] == ["float32", "float64"]
    assert lifted.value[0].dtype == "float32"
    with pytest.raises(ZeroDivisionError):
        lift(lambda d: 1.0 / math.sin(d["x"] * 0.0), {"x": np.array(1.0)})


def test_loops_over_scalars_as_a_plain_convolution():
    kernel = np.array([[0.5, -1.0], [2.0, 0.25]])

    def conv(d):
        x, k = d["x"], d["k"]
        out = np.zeros((2, 3))
        for i in range(2):
            for j in range(3):
                for p in range(2):
                    for q in range(2):
                        out[i, j] += x[i + p, j + q] * k[p, q]
        return out

    agree(conv, {"x": X, "k": kernel}, {"x": X2, "k": kernel * 1.1})


def test_scipy_functions():
    special = pytest.importorskip("scipy.special")

    def program(x):
        return (
            special.expit(x),
            special.logsumexp(x, axis=1),
            special.softmax(x, axis=1),
            special.log_softmax(x, axis=-1),
            special.erf(x),
            special.xlogy(x * x, x * x),
            special.gammaln(x * x + 1),
            special.logsumexp(x),
        )

    one(program, X2)


# ---------------------------------------------------------------- dtypes
def test_float32_stays_float32_and_constants_are_rounded_as_used():
    def program(d):
        return 0.1 * d["x"] + np.float32(0.3), d["x"] * np.ones(3), d["x"].astype("float64")

    lifted = lift(program, {"x": np.array([1, 2, 3], dtype="float32")})
    low, high, cast = lifted.output
    assert (low.dtype, high.dtype, cast.dtype) == ("float32", "float64", "float64")
    constant = low.inputs[0].inputs[0]
    assert constant.dtype == "float32" and constant.params["value"] == np.float32(0.1)
    assert [v.dtype.name for v in lifted.value] == ["float32", "float64", "float64"]


def test_equal_constants_share_a_node():
    lifted = lift(lambda d: (d["x"] * 0.1, np.tanh(d["x"]) * 0.1, d["x"] + 0.5), {"x": V})
    first, second, third = (o.inputs[1] for o in lifted.output)
    assert first is second and first is not third


def test_lifting_twice_gives_the_same_graph():
    from verifier.graph.order import topological

    graphs = []
    for _ in range(2):
        lifted = lift(lambda d: np.tanh(d["x"][1:] @ d["x"].T).sum(axis=0), {"x": X})
        graphs.append(
            [(n.op, n.shape, n.dtype, str(n.origin)) for n in topological([lifted.output])]
        )
    assert graphs[0] == graphs[1]
