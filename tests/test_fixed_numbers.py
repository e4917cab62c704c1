"""A number that leaves the trace as text, as a struct or into compiled code is no constant of f.

f is the sum of squares (of sines, where libm is called), written so that its values pass through
something no trace sees. Its gradient is known from theory: 2 x, and sin 2x.
"""

from __future__ import annotations

import array
import ctypes
import ctypes.util
import decimal
import fractions
import json
import pickle
import struct
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import verifier as vf
from verifier.checks.fixed import bound_to_point
from verifier.frontends.from_numpy.lift import lift
from verifier.verdicts import Verdict

C = ctypes.CDLL(ctypes.util.find_library("m"))
C.sin.restype, C.sin.argtypes = ctypes.c_double, [ctypes.c_double]
DETOURS: dict[str, Callable[[Any], Any]] = {
    "str": lambda v: float(str(v)),
    "percent": lambda v: float("%.17g" % v),  # noqa: UP031
    "f-string": lambda v: float(f"{v:.17g}"),
    "repr": lambda v: eval(repr(float(v))),
    "struct": lambda v: struct.unpack("d", struct.pack("d", v))[0],
    "json": lambda v: json.loads(json.dumps([float(v)]))[0],
    "array": lambda v: array.array("d", [v])[0],
    "decimal": lambda v: float(decimal.Decimal(float(v))),
    "fraction": lambda v: float(fractions.Fraction(float(v))),
    "hex": lambda v: float.fromhex(float(v).hex()),
    "fromiter": lambda v: np.fromiter([v], float)[0],
    "complex": lambda v: complex(v).real,
}


def gradient(x: Any) -> Any:
    return 2 * x


@pytest.mark.parametrize("name", DETOURS)
def test_a_right_gradient_is_not_refuted(name: str) -> None:
    def f(x: Any) -> Any:
        return sum(DETOURS[name](v) ** 2 for v in x)

    on = {"x": "[-1, 1]^(3)"}
    claim = vf.verify(f, on=on, gradient=gradient, effort="quick").checks[0].claims[0]
    assert (claim.verdict, claim.road) == (Verdict.PASSED, "opaque")
    wrong = vf.verify(f, on=on, gradient=lambda x: 2.5 * x, effort="quick")
    assert wrong.verdict is Verdict.REFUTED


def test_compiled_code() -> None:
    def f(x: Any) -> Any:
        return sum(C.sin(v) ** 2 for v in x)

    report = vf.verify(f, on={"x": "[-1, 1]^(3)"}, gradient=lambda x: np.sin(2 * x), effort="quick")
    assert report.verdict is Verdict.PASSED
    assert report.checks[0].claims[0].road == "opaque"


def test_a_program_that_takes_no_traced_values_is_judged_by_values() -> None:
    def f(x: Any) -> Any:
        return np.sum(pickle.loads(pickle.dumps(x)) ** 2)

    report = vf.verify(f, on={"x": "[-1, 1]^(3)"}, gradient=gradient, effort="quick")
    assert report.verdict is Verdict.PASSED
    assert report.checks[0].claims[0].road == "opaque"


def test_a_value_that_is_only_printed_costs_nothing() -> None:
    def f(x: Any) -> Any:
        value = np.sum(x**2)
        print(f"value {value:.3f}", "%g" % value, float(value))  # noqa: UP031
        return value

    report = vf.verify(f, on={"x": "[-1, 1]^(3)"}, gradient=gradient, effort="quick")
    assert (report.verdict, report.checks[0].claims[0].road) == (Verdict.PASSED, "lifted")


def test_the_graph_is_compared_beside_the_point() -> None:
    x = np.array([0.5, -1.5])

    def scaled(leaves: dict[str, Any]) -> Any:
        return leaves["x"] / float(str(np.max(leaves["x"])))

    def shown(leaves: dict[str, Any]) -> Any:
        str(leaves["x"])
        return leaves["x"] / np.max(leaves["x"])

    assert bound_to_point(scaled, lift(scaled, {"x": x}), {"x": x}, 128)
    assert not bound_to_point(shown, lift(shown, {"x": x}), {"x": x}, 128)
