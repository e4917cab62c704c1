"""Spellings and shifts: an identity is one function on exactly one domain, or it is not listed."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest

from verifier.frontends.from_numpy import lift
from verifier.graph.node import Node, apply, constant, variable
from verifier.graph.order import topological
from verifier.numerals.balls import Balls, precision
from verifier.numerals.tokens import ZERO
from verifier.primitives.identities import IDENTITIES, Identity, rewrite
from verifier.primitives.linear import broadcast_to, reshape, select, sum_over
from verifier.readers.value import read

POINTS = (-37.5, -2.0, -1.0, -0.3, 0.0, 1e-12, 0.4, 1.0, 3.0, 45.0)
BITS = 200


def built(pattern: Any, leaves: dict[str, Node]) -> Node:
    """Return a pattern as a graph."""
    if isinstance(pattern, str):
        return leaves[pattern]
    if not isinstance(pattern, tuple):
        return constant(float(pattern))
    op, *rest = pattern
    parts = [built(p, leaves) for p in rest]
    if op == "select":
        return select(*parts)
    if op.startswith(("greater", "less")):
        return apply(op, *parts, dtype="bool")
    if op == "cast":
        return Node("cast", tuple(parts), {}, parts[0].shape, "float64")
    return apply(op, *parts)


def value(node: Node, point: dict[str, float]) -> Any:
    with precision(BITS):
        found = read([node], {k: np.asarray(v) for k, v in point.items()}, Balls(BITS))[node][()]
    return Balls().exact(np.zeros(()))[()] if found is ZERO else found


@pytest.mark.parametrize("identity", IDENTITIES, ids=lambda i: f"{i.name or 'plain'}: {i.spelled}")
def test_both_sides_are_one_function_on_one_domain(identity: Identity) -> None:
    leaves = {"x": variable("x", ()), "y": variable("y", ())}
    leaves["c"] = apply("greater", leaves["y"], 0.5, dtype="bool")
    spelled, row = (built(p, leaves) for p in (identity.spelled, identity.becomes))
    for x, y in itertools.product(POINTS, (-1.0, 0.4, 2.0)):
        a, b = (value(n, {"x": x, "y": y}) for n in (spelled, row))
        assert a.is_finite() == b.is_finite(), (x, y, a, b)
        if a.is_finite():
            assert a.overlaps(b) and (a - b).rad() < 1e-20, (x, y, a, b)


@pytest.mark.parametrize("identity", IDENTITIES, ids=lambda i: f"{i.name or 'plain'}: {i.spelled}")
def test_every_spelling_is_recognised(identity: Identity) -> None:
    leaves = {"x": variable("x", ()), "y": variable("y", ())}
    leaves["c"] = apply("greater", leaves["y"], 0.5, dtype="bool")
    (found,) = rewrite([built(identity.spelled, leaves)]).outputs
    (wanted,) = rewrite([built(identity.becomes, leaves)]).outputs
    assert [n.op for n in topological([found])] == [n.op for n in topological([wanted])]


def test_constants_are_matched_exactly() -> None:
    x = variable("x", ())
    nearly = constant(1.0 + 2.0**-52)
    (found,) = rewrite([apply("log", nearly + apply("exp", x))]).outputs
    assert found.op == "log", "an eps is not nothing (SOUNDNESS 18)"


def test_a_number_that_only_looks_alike_is_not_the_same_node() -> None:
    x, y = variable("x", ()), variable("y", ())
    (found,) = rewrite([apply("multiply", x, y)]).outputs
    assert found.op == "multiply"
    (found,) = rewrite([apply("multiply", apply("sin", x), apply("sin", x))]).outputs
    assert found.op == "square", "equal subexpressions are one node"


def shifts(function: Any, shape: tuple[int, ...]) -> bool:
    """Tell whether rewriting finds that the maximum cancels."""
    node = lift(lambda leaves: function(leaves["z"]), {"z": np.ones(shape)}).output
    return "a shift that cancels" in [name for name, _ in rewrite([node]).used]


def stable(z: Any) -> Any:
    top = np.max(z)
    return top + np.log(np.sum(np.exp(z - top)))


def log_softmax(z: Any) -> Any:
    z = z - np.max(z, axis=1, keepdims=True)
    return np.sum((z - np.log(np.sum(np.exp(z), axis=1, keepdims=True)))[:, 0])


def softmax(z: Any) -> Any:
    e = np.exp(z - np.max(z))
    return (e / np.sum(e))[0]


def one_hot(z: Any) -> Any:
    z = z - np.max(z)
    return np.log(np.sum(np.exp(z))) - np.array([0.0, 1.0, 0.0]) @ z


@pytest.mark.parametrize(("function", "shape"), [
    (stable, (3,)), (log_softmax, (2, 3)), (softmax, (3,)), (one_hot, (3,)),
])
def test_shifts_that_cancel_are_found(function: Any, shape: tuple[int, ...]) -> None:
    assert shifts(function, shape)


@pytest.mark.parametrize(("function", "shape"), [
    (lambda z: np.log(np.sum(np.exp(z - np.max(z)))), (3,)),
    (lambda z: 2 * np.max(z) + np.log(np.sum(np.exp(z - np.max(z)))), (3,)),
    (lambda z: np.max(z) + np.log(1 + np.sum(np.exp(z - np.max(z)))), (3,)),
    (lambda z: np.sum(np.max(z, axis=1) + np.log(np.sum(np.exp(z - np.max(z))))), (2, 3)),
    (lambda z: np.sum(np.exp(z - np.max(z)) ** 2), (3,)),
], ids=["left over", "twice", "one more term", "another row's", "squared"])
def test_shifts_that_stay_are_kept(function: Any, shape: tuple[int, ...]) -> None:
    assert not shifts(function, shape)


def test_broadcasting_is_written_out() -> None:
    x, y = variable("x", (3,)), variable("y", ())
    (found,) = rewrite([sum_over(apply("multiply", x, y))]).outputs
    (product,) = found.inputs
    assert all(i.shape == (3,) for i in product.inputs)
    assert broadcast_to(y, (3,)).op == "broadcast" and reshape(x, (3,)) is x
