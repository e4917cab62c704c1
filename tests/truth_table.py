"""The table of published activations and losses: formulas in text, read as numpy functions.

`tests/tables/activation_truth.json` was made with sympy; nothing here evaluates its answers.
"""

from __future__ import annotations

import ast
import json
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import mpmath
import numpy as np

TABLE = json.loads((Path(__file__).parent / "tables" / "activation_truth.json").read_text())
SCALAR: list[dict[str, Any]] = TABLE["scalar"]
CALLS = {"exp": "np.exp", "log": "np.log", "tanh": "np.tanh", "sqrt": "np.sqrt", "sin": "np.sin",
         "cosh": "np.cosh", "Abs": "np.abs", "sign": "np.sign", "Max": "np.maximum",
         "Min": "np.minimum", "erf": "scipy.special.erf"}


class _Spelled(ast.NodeTransformer):
    """Rewrites the formula's names as numpy's."""

    def visit_Call(self, node: ast.Call) -> ast.AST:
        name = node.func.id if isinstance(node.func, ast.Name) else ""
        if name == "Float":
            return ast.Constant(float(ast.literal_eval(node.args[0])))
        self.generic_visit(node)
        if name == "Rational":
            return ast.BinOp(node.args[0], ast.Div(), node.args[1])
        if name == "Piecewise":
            return self._cases(node.args)
        new = ast.parse(CALLS[name], mode="eval").body
        return ast.Call(new, node.args, [])

    def visit_Name(self, node: ast.Name) -> ast.AST:
        return ast.parse("np.pi", mode="eval").body if node.id == "pi" else node

    def _cases(self, cases: list[ast.expr]) -> ast.expr:
        value, condition = cases[0].elts  # type: ignore[attr-defined]
        if isinstance(condition, ast.Constant):
            return value
        where = ast.parse("np.where", mode="eval").body
        return ast.Call(where, [condition, value, self._cases(cases[1:])], [])


def source(formula: str) -> str:
    """Return the numpy spelling of a formula."""
    return ast.unparse(ast.fix_missing_locations(_Spelled().visit(ast.parse(formula, mode="eval"))))


def function(entry: dict[str, Any]) -> Callable[[Any], Any]:
    """Return the entry as a function of x that a user could have written."""
    scope: dict[str, Any] = {"np": np}
    exec(f"def subject(x):\n    return {source(entry['formula'])}\n", scope)
    made: Callable[[Any], Any] = scope["subject"]
    return made


def domain(entry: dict[str, Any]) -> str:
    return f"({entry['domain'][0]}, {entry['domain'][1]})"


def number(text: str) -> mpmath.mpf | None:
    """Return a bound of the table to 30 digits, None where it is infinite."""
    if text in ("oo", "-oo"):
        return None
    with mpmath.workdps(30):
        if text.startswith("num:"):
            return mpmath.mpf(text[4:])
        return mpmath.mpf(eval(text, {"sqrt": mpmath.sqrt, "pi": mpmath.pi, "exp": mpmath.exp}))


def written(value: mpmath.mpf) -> str:
    return str(mpmath.nstr(value, 25, strip_zeros=False))


def bound_claims(entry: dict[str, Any]) -> dict[str, str]:
    """Return claims on the derivatives with the verdict each must have."""
    told: dict[str, str] = {}
    for order, key in ((1, "d1_bounds"), (2, "d2_bounds")):
        name = "df/dx" if order == 1 else "d2f/dx2"
        if entry[key] is None:
            continue
        low, high = (number(text) for text in entry[key])
        for value, sign, side in ((low, -1, ">="), (high, 1, "<=")):
            if value is None:
                told[f"{name} {side} {sign * 10**6}"] = "REFUTED"
                continue
            slack = sign * max(1, abs(value)) / 10**6
            told[f"{name} {side} {written(value + slack)}"] = "PROVED"
            told[f"{name} {side} {written(value - slack)}"] = "REFUTED"
    return told


def smoothness_claims(entry: dict[str, Any]) -> dict[str, str]:
    """Return claims on smoothness with the verdict each must have."""
    said = entry["smoothness"]
    if said == "Cinf":
        return {"Cinf": "PROVED", "C2": "PROVED"}
    if said == "discontinuous":
        return {"C0": "REFUTED"}
    order = int(said[1:])
    return {f"C{order}": "PROVED", f"C{order + 1}": "REFUTED", f"not C{order + 1}": "PROVED"}


def monotone_claims(entry: dict[str, Any]) -> dict[str, str]:
    said = entry["monotone"]
    if said == "strict":
        return {"strictly increasing in x": "PROVED", "decreasing in x": "REFUTED"}
    if said == "increasing":
        return {"increasing in x": "PROVED", "strictly increasing in x": "REFUTED"}
    if said == "decreasing":
        return {"decreasing in x": "PROVED", "increasing in x": "REFUTED"}
    return {"increasing in x": "REFUTED", "decreasing in x": "REFUTED"}


def curvature_claims(entry: dict[str, Any]) -> dict[str, str]:
    return {name: "PROVED" if entry[name] else "REFUTED" for name in ("convex", "concave")}


def places(entry: dict[str, Any]) -> list[tuple[float, int]]:
    """Return the kinks of the table: place and the order of the derivative that jumps."""
    return [(float(Fraction(k["at"])), int(k["order"])) for k in entry["kinks"]]
