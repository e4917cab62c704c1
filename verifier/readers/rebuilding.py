"""The same function written as one quotient: what cancels is gone before it is enclosed.

(e^x - e^-x) / (e^x + e^-x) has the slope 4 e^2x / (e^2x + 1)^2, whose sign can be seen; written as
the rules of differentiation leave it, it is 1 minus something close to 1.
"""

from __future__ import annotations

from fractions import Fraction
from functools import reduce
from math import lcm

from flint import Ordering, fmpq, fmpq_mpoly_ctx

from ..graph.node import Node, apply, constant
from ..graph.order import topological
from .normal_forms import ONE, Form, Forms, Monomial, NoForm, Polynomial, added, made, scaled

MOST_TERMS = 40
MOST_NODES = 400
NONE = Fraction(0)


def rebuilt(graph: Node) -> Node | None:
    """Return a scalar graph from its normal form, equal wherever both have a value, or None."""
    nodes = topological([graph])
    x = [n for n in nodes if n.op == "input"]
    if len(x) != 1 or len(nodes) > MOST_NODES:
        return None
    forms = Forms()
    try:
        return _quotient(_reduced(forms.of(graph)), forms, x[0])
    except (NoForm, OverflowError):
        return None


def _reduced(form: Form) -> Form:
    """Divide both polynomials by their greatest common divisor."""
    if form.bottom == ONE or len(form.top) + len(form.bottom) > 4 * MOST_TERMS:
        return form
    powers = [dict(m) for p in (form.top, form.bottom) for m in p]
    atoms = sorted({k for m in powers for k in m})
    lowest = {k: min(m.get(k, NONE) for m in powers) for k in atoms}
    share = {k: lcm(*(m.get(k, NONE).denominator for m in powers)) for k in atoms}
    context = fmpq_mpoly_ctx.get(tuple(f"a{k}" for k in atoms), Ordering.lex)
    pair = [context.from_dict({
        tuple(int((dict(m).get(k, NONE) - lowest[k]) * share[k]) for k in atoms):
        fmpq(c.numerator, c.denominator) for m, c in p.items()}) for p in (form.top, form.bottom)]
    common = pair[0].gcd(pair[1])
    top, bottom = ({
        tuple((k, Fraction(int(e), share[k])) for k, e in zip(atoms, m, strict=True) if e):
        Fraction(int(c.p), int(c.q)) for m, c in (p / common).to_dict().items()} for p in pair)
    return made(top, bottom)


def _quotient(form: Form, forms: Forms, x: Node) -> Node:
    if len(form.top) + len(form.bottom) > MOST_TERMS:
        raise NoForm
    top = _sum(form.top, forms, x)
    return top if form.bottom == ONE else top / _sum(form.bottom, forms, x)


def _sum(p: Polynomial, forms: Forms, x: Node) -> Node:
    terms = [_term(m, c, forms, x) for m, c in sorted(p.items())]
    return reduce(lambda a, b: a + b, terms) if terms else constant(0.0)


def _term(m: Monomial, factor: Fraction, forms: Forms, x: Node) -> Node:
    """Return factor times a product of powers; all exponentials of it are one."""
    parts: list[Node] = []
    exponent = Form({})
    for atom, power in m:
        if atom in forms.inside:
            exponent = added(exponent, scaled(forms.inside[atom], power))
        elif power.denominator != 1:
            raise NoForm
        else:
            plain = _atom(atom, forms, x)
            parts.append(plain if power == 1 else apply("power", plain, float(power)))
    if exponent.top:
        parts.append(apply("exp", _quotient(exponent, forms, x)))
    if factor != 1 or not parts:
        parts.insert(0, _number(factor))
    return reduce(lambda a, b: a * b, parts)


def _number(value: Fraction) -> Node:
    found = constant(float(value.numerator))
    if Fraction(float(value)) == value:
        return constant(float(value))
    if max(abs(value.numerator), value.denominator) > 2**53:
        raise NoForm
    return found / float(value.denominator)


def _atom(atom: int, forms: Forms, x: Node) -> Node:
    if atom == forms.atoms.get("x"):
        return x
    if atom not in forms.rows:
        raise NoForm  # log|u|: the sign of u is lost
    op, inputs = forms.rows[atom]
    return apply(op, *(_quotient(f, forms, x) for f in inputs))
