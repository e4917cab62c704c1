"""Programs as people write them: buffers, views, masks, scalar code, state, decisions."""

from __future__ import annotations

import numpy as np
import pytest

from verifier.frontends.from_numpy import lift

from .lifting import agree, evaluate

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
    rows_into_buffer,
    view_writes_through,
    reshaped_view,
    overlapping,
    swapped,
    copied_not_viewed,
    augmented_scalar,
    like,
    filled,
    put_functions,
    sorted_in_place,
    scatter_add,
    multiply_at,
    triangle,
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
