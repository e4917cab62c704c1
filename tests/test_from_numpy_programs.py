"""Programs as people write them: buffers, views, masks, scalar code, state, decisions."""

from __future__ import annotations

import math

import numpy as np
import pytest

from verifier.errors import CannotLower
from verifier.frontends.from_numpy import lift

from .lifting import agree, evaluate, nodes_in

X = np.array([[0.3, -1.2, 2.5, 0.7], [1.1, 0.4, -0.6, -2.2], [-0.9, 1.7, 0.2, 3.1]])
X2 = X * 1.01 + 0.003
FLIPPED = X * np.array([1, -1, 1, -1])
V = np.array([0.7, -0.4, 1.9, 0.2, -1.5])


def one(program, *others, x=X, **options):
    return agree(lambda d: program(d["x"]), {"x": x}, *({"x": o} for o in others), **options)


# ---------------------------------------------------------------- buffers and views
def rows_into_buffer(x):
    out = np.zeros((3, 4))
    for i in range(3):
        out[i] = np.tanh(x[i])
        out[i, 0] += 1
    return out


def view_writes_through(x):
    buffer = np.empty((3, 4))
    buffer[...] = x
    row = buffer[1]
    row += 10
    buffer.T[0] = 5.0
    part = buffer[:, 2:]
    part *= x[:, :2]
    return buffer, row


def reshaped_view(x):
    buffer = x.copy()
    flat = buffer.reshape(-1)
    flat[3] = flat[0] * 2
    flat[::5] -= 1
    return buffer


def overlapping(x):
    buffer = x.ravel().copy()
    buffer[1:] = buffer[:-1] * 2
    buffer[:-1] += buffer[1:]
    return buffer


def swapped(x):
    buffer = x.copy()
    buffer[[0, 1]] = buffer[[1, 0]]
    buffer[0], buffer[2] = buffer[2].copy(), buffer[0].copy()
    return buffer


def copied_not_viewed(x):
    picked = x[[0, 1]]
    picked[0] = 0.0
    flat = x.flatten()
    flat[0] = 9.0
    return picked, flat, x * 1.0


def augmented_scalar(x):
    total = 0.0
    best = x[0, 0]
    for i in range(3):
        total += x[i, i] * 2
        best -= total
    return total, best, x[0, 0] * 1.0


def like(x):
    grad = np.zeros_like(x)
    grad[1:] = x[:-1]
    grad[:, 0] -= np.ones(3)
    ones = np.ones_like(x)
    ones[0] = x[0]
    return grad, ones


def filled(x):
    a = np.full((2, 2), 3.0)
    a.fill(x[0, 0])
    b = np.eye(3)
    b[np.arange(3), [1, 2, 0]] = x[:, 0]
    np.fill_diagonal(b, x[0, 1])
    return a, b


def put_functions(x):
    a = x.copy()
    np.put_along_axis(a, np.array([[0], [1], [2]]), 7.0, axis=1)
    b = x.copy()
    np.copyto(b, 0.0, where=x > 0)
    c = x.copy()
    np.putmask(c, x < 0, x**2)
    d = x.copy()
    d.put([0, 5], [1.0, 2.0])
    return a, b, c, d


def sorted_in_place(x):
    a = x.copy()
    a.sort(axis=1)
    return a


def scatter_add(x):
    table = np.zeros((5, 4))
    np.add.at(table, [0, 2, 0], x)
    np.subtract.at(table, ([1, 1], [0, 0]), x[0, :2])
    return table


def multiply_at(x):
    a = np.ones(3)
    np.multiply.at(a, [0, 0, 2], x[0, :3])
    return a


def triangle(x):
    out = np.zeros((4, 4))
    out[np.triu_indices(4)] = np.arange(10) * x[0, 0]
    return out + out.T


BUFFERS = [
    rows_into_buffer, view_writes_through, reshaped_view, overlapping, swapped,
    copied_not_viewed, augmented_scalar, like, filled, put_functions, sorted_in_place,
    scatter_add, multiply_at, triangle,
]


@pytest.mark.parametrize("program", BUFFERS, ids=lambda p: p.__name__)
def test_buffers_behave_as_numpy_does(program):
    lifted = one(program, X2, FLIPPED)
    assert not lifted.path and not lifted.pinned


def test_an_array_written_in_place_is_the_callers_own_copy():
    held = X.copy()

    def program(d):
        d["x"] += 1
        return d["x"]

    lifted = lift(program, {"x": held})
    assert np.array_equal(held, X)
    assert np.array_equal(evaluate([lifted.output], {"x": X2})[0], X2 + 1)


def test_a_scalar_read_of_a_buffer_is_the_node_that_was_assigned():
    def program(d):
        out = np.zeros((2, 2))
        for k in range(3):
            out[0, 1] += d["x"][k]
        return out[0, 1]

    lifted = lift(program, {"x": V})
    ops = {n.op for n in [lifted.output, *lifted.output.inputs]}
    assert lifted.output.op == "add" and "gather" in ops
    assert lifted.output.inputs[0].op == "add"


# ---------------------------------------------------------------- masks
def relu_by_mask(x):
    out = x.copy()
    out[x < 0] = 0
    return out


def leaky_in_place(x):
    out = x.copy()
    out[out < 0] *= 0.1
    return out


def stable_sigmoid(x):
    out = np.empty_like(x)
    positive = x >= 0
    out[positive] = 1 / (1 + np.exp(-x[positive]))
    small = np.exp(x[~positive])
    out[~positive] = small / (1 + small)
    return out


def elu_by_mask(x):
    out = np.zeros(x.shape)
    out[x > 0] = x[x > 0]
    out[x <= 0] = 1.5 * (np.exp(x[x <= 0]) - 1)
    return out


def masked_gradient(x):
    grad = np.ones_like(x)
    grad[x <= 0] = 0
    grad[(x > 1) & (x < 2)] = x[0, 0]
    return grad * x


MASKED = [relu_by_mask, leaky_in_place, stable_sigmoid, elu_by_mask, masked_gradient]


@pytest.mark.parametrize("program", MASKED, ids=lambda p: p.__name__)
def test_masked_assignment_is_a_select_that_holds_on_both_sides(program):
    lifted = one(program, X2, FLIPPED)
    assert not lifted.path


def test_a_mask_read_alone_is_a_decision():
    lifted = one(lambda x: x[x > 0].sum(), X2)
    assert [c.node.op for c in lifted.path] == ["greater"]
    assert np.array_equal(lifted.path[0].taken, X > 0)


def test_a_data_mask_is_no_decision():
    mask = np.array([True, False, True])

    def program(x):
        out = x.copy()
        out[mask] = 0
        return out, x[mask], np.where(mask[:, None], x, 1.0)

    assert not one(program, FLIPPED).path


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
    lifted = one(lambda x: (max(0.0, x[0, 0]), min(x[0, 0], x[0, 1], 1.0), max(list(x[0]))),
                 FLIPPED)
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
    lifted = one(lambda x: (float(x[0, 0]) * 2, x[0, 1].item() + 1, x.tolist()[1][1],
                            np.float64(x[2, 2]), np.float32(x[0, 0])), X2, close=1e-6)
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
        return (math.exp(x) + math.log(abs(x)) - math.sqrt(x * x + 1), math.tanh(x),
                math.atan2(x, 2.0), math.hypot(x, 3.0), math.erf(x), math.log(x * x, 10),
                math.pow(2, x), math.fabs(x), math.lgamma(x + 3), x - math.floor(x),
                math.fsum([x, x * x]), math.isnan(x) * x, math.copysign(3.0, x), round(float(x), 1) + x)

    agree(program, {"x": np.array(0.7)}, {"x": np.array(0.71)}, {"x": np.array(-0.4)})


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
        return (special.expit(x), special.logsumexp(x, axis=1), special.softmax(x, axis=1),
                special.log_softmax(x, axis=-1), special.erf(x), special.xlogy(x * x, x * x),
                special.gammaln(x * x + 1), special.logsumexp(x))

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
        lifted = lift(lambda d: stable_sigmoid(d["x"]).sum(axis=0), {"x": X})
        graphs.append([(n.op, n.shape, n.dtype, str(n.origin)) for n in
                       topological([lifted.output])])
    assert graphs[0] == graphs[1]
