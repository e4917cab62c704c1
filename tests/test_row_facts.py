"""Single facts of the rows: powers at zero, structural zeros, sinc, what a row must state."""

from __future__ import annotations

import numpy as np
import pytest
from flint import arb

from verifier.graph.node import Node, apply, constant, structural_zero, variable
from verifier.numerals.balls import Balls, precision
from verifier.primitives.table import SCALARS
from verifier.readers.slope import slope
from verifier.readers.value import read

from .row_points import BITS, in_balls


def test_every_row_states_what_it_must() -> None:
    for name, row in SCALARS.items():
        assert row.name == name and row.definition
        assert row.piecewise <= (row.guards is not None)
        assert set(row.ulps) == {"float64", "float32", "float16"}
        if row.guards is not None:
            made = row.guards(*(variable(f"x{k}", (2,)) for k in range(row.arity)))
            assert all(isinstance(g, Node) and not g.discrete for g in made)
            assert row.smooth_at or name == "tan"


@pytest.mark.parametrize(
    ("exponent", "at", "expected"),
    [(2.0, 0.0, (0.0, 0.0, 2.0)), (3.0, 0.0, (0.0, 0.0, 0.0)), (1.0, 0.0, (0.0, 1.0, 0.0)),
     (0.0, 0.0, (1.0, 0.0, 0.0)), (3.0, -2.0, (-8.0, 12.0, -12.0)),
     (-1.0, -2.0, (-0.5, -0.25, -0.25)), (0.5, 4.0, (2.0, 0.25, -0.03125))],
)
def test_powers_with_a_constant_exponent(
    exponent: float, at: float, expected: tuple[float, ...]
) -> None:
    x = variable("x", ())
    value = apply("power", x, exponent)
    first = slope(value, [x])[0]
    second = slope(first, [x])[0]
    for node, wanted in zip((value, first, second), expected, strict=True):
        assert in_balls(node, {"x": np.asarray(at)}) == wanted
    whole = exponent >= 0 and exponent == int(exponent)
    assert bool(SCALARS["power"].guards(x, constant(exponent))) is not whole


def test_a_mixed_array_of_exponents_is_right_at_zero() -> None:
    x = variable("x", (4,))
    first = slope(apply("power", x, constant([0.0, 1.0, 2.0, 3.0])), [x])[0]
    found = read([first], {"x": np.zeros(4)}, Balls(BITS))[first].tolist()
    assert [float(v) if isinstance(v, arb) else 0.0 for v in found] == [0.0, 1.0, 0.0, 0.0]


def test_the_untaken_branch_is_a_structural_zero() -> None:
    x = variable("x", ())
    branch = SCALARS["relu"].slopes[0](x, apply("relu", x))
    assert branch.op == "select" and branch.inputs[2].op == structural_zero().op
    assert SCALARS["floor"].slopes[0](x, x).op == "zero"
    assert SCALARS["xlogy"].slopes[1](constant(0.0), x, x).op == "zero"


def test_derivatives_of_sinc_of_every_order_join_where_the_method_changes() -> None:
    step = arb(2) ** -60
    for order in range(16):
        with precision(BITS):
            inner, outer = (SCALARS["sinc_derivative"].balls(arb(order), x)
                            for x in (1 - step, arb(1)))
            reach = arb.pi() ** (order + 1) / (order + 2) * step
            assert (outer - inner).overlaps(arb(0) + reach * arb(0, 1))
            assert outer.is_finite() and outer.rad() < 1e-50


def test_sinc_is_analytic_at_zero() -> None:
    x = variable("x", ())
    nodes = [apply("sinc", x)]
    for _ in range(4):
        nodes.append(slope(nodes[-1], [x])[0])
    with precision(BITS):
        found = [in_balls(n, {"x": np.asarray(0.0)}) for n in nodes]
        pi = arb.pi()
        wanted = [arb(1), arb(0), -(pi**2) / 3, arb(0), pi**4 / 5]
        assert all(f.overlaps(w) and f.rad() < 1e-60 for f, w in zip(found, wanted, strict=True))
