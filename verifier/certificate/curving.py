"""Is a function convex on a box? The checker's own ledger: Hess f = sum of c u u^T, by entries.

Each nonlinear entry adds its adjoint times its second derivative along the gradient of its operand.
Terms along one direction are added up before their sign is asked; a maximum's kink passes by the
sign of its adjoint alone (SOUNDNESS 15); what is left is put into a matrix of intervals.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from fractions import Fraction

from flint import arb, fmpq

from ..claims import ClaimSpec
from .definite import LARGEST, ball, positive, semidefinite
from .differentiating import SLOPES, adjoints, below, gradient, moving, partial
from .questions import Look
from .ranges import NONE
from .recording import DECISIONS
from .settling import replaced
from .tape import Tape
from .taylor import NoReading

SIGNS = {"convex": (1,), "strongly-convex": (1,), "concave": (-1,), "affine": (1, -1)}
STRAIGHT = frozenset({"constant", "leaf", "linear", "pi", "gate"})
Direction = tuple[int, ...]
Along = Callable[[int], Direction]


@dataclass(slots=True)
class Ledger:
    """The terms c u u^T, the pairs c (u v^T + v u^T), and entries that must not be negative."""

    terms: dict[Direction, int] = field(default_factory=dict)
    pairs: list[tuple[int, Direction, Direction]] = field(default_factory=list)
    signs: list[int] = field(default_factory=list)
    kinks: list[tuple[int, int]] = field(default_factory=list)  # (guard, adjoint)
    total: int | None = None  # the second derivative, where one number moves


def curves(at: Look, spec: ClaimSpec) -> bool:
    """Tell whether the claim's Hessian is positive semidefinite on the whole box."""
    if len(at.outputs) != 1:
        raise NoReading("convexity needs a function with one value")
    strength = Fraction(spec.number or 0) if spec.kind == "strongly-convex" else Fraction(0)
    return all(_curves(at, sign, strength) for sign in SIGNS[spec.kind])


def _curves(at: Look, sign: int, strength: Fraction) -> bool:
    written = at.written
    key = ("ledger", at.outputs, sign)
    if key not in written.derived:
        written.derived[key] = ledger_of(written.tape, at.outputs[0], at.ground.wanted(), sign,
                                         strength)
    page: Ledger = written.derived[key]
    read = at.enclosure.value
    if not read(at.outputs[0]).ok:
        return False
    if not all(v.ok and v.lo >= 0 for v in map(read, page.signs)):
        return False
    for guard, adjoint in page.kinks:
        if at.enclosure.truth(written.tape.decision("positive", guard)) is None:
            v = read(adjoint)
            if not (v.ok and v.lo >= 0):
                return False
    values = {u: read(c) for u, c in page.terms.items()}
    if not page.pairs and all(v.ok and v.lo >= 0 for v in values.values()):
        return True
    if page.total is not None:
        whole = read(page.total)
        if whole.ok and whole.lo >= 0:
            return True
    return _exactly(at, page) or _by_matrix(at, page)


def ledger_of(
    tape: Tape, output: int, leaves: list[int], sign: int, strength: Fraction
) -> Ledger:
    """Return the ledger of sign times f, less strength/2 |x|^2."""
    target = tape.scale(output, sign)
    found, page = adjoints(tape, target, leaves), Ledger()
    active = moving(tape, below(tape, [target]), leaves)
    gradients: dict[int, Direction] = {}

    def along(k: int) -> Direction:
        if k not in gradients:
            gradients[k] = tuple(gradient(tape, k, leaves))
        return gradients[k]

    for k in sorted(found):
        if k in active and tape.names[k] not in STRAIGHT | DECISIONS:
            _entered(tape, page, k, found, along)
    if strength:
        for place in range(len(leaves)):
            unit = tuple(tape.constant(int(i == place)) for i in range(len(leaves)))
            _add(tape, page, tape.constant(-fmpq(strength.numerator, strength.denominator)), unit)
    if len(leaves) == 1:
        page.total = _summed(tape, page)
    return page


def _summed(tape: Tape, page: Ledger) -> int:
    total = tape.constant(0)
    for factor, u, v in _all(page):
        total = tape.add(total, tape.multiply(factor, tape.multiply(u[0], v[0])))
    return total


def _entered(
    tape: Tape, page: Ledger, k: int, found: dict[int, int], direction: Along
) -> None:
    name, inputs, adjoint = tape.names[k], tape.inputs[k], found[k]
    if name == "relu":
        page.kinks.append((inputs[0], adjoint))
    elif name == "product":
        pair = direction(inputs[0]), direction(inputs[1])
        if not any(all(tape.number(d) == 0 for d in u) for u in pair):
            page.pairs.append((adjoint, *pair))
    elif name in ("norm", "log1pexps"):
        page.signs.append(adjoint)
    elif name in ("select", "floor"):
        page.signs.append(tape.constant(-1))  # an open choice: never convex by this ledger
    elif name == "quadratic over linear":
        _over_linear(tape, page, k, found, direction)
    elif name in SLOPES or name in ("whole power", "power"):
        _add(tape, page, tape.multiply(adjoint, bend(tape, k)), direction(inputs[0]))
    else:
        raise NoReading(f"the checker's ledger has no rule for {name}")


def bend(tape: Tape, k: int) -> int:
    """Return the second derivative of a function of one entry, at that entry.

    It is found for a number that stands for the operand, which may itself be a sum.
    """
    alone = tape.entry("leaf", (), ("operand", 0))
    ((_, slope),) = partial(tape, tape.entry(tape.names[k], (alone,), tape.data[k]))
    (second,) = gradient(tape, slope, [alone])
    (found,) = replaced(tape, [second], {alone: tape.inputs[k][0]})
    return found


def _over_linear(
    tape: Tape, page: Ledger, k: int, found: dict[int, int], direction: Along
) -> None:
    """a^2 / b adds 2/b along a' - (a/b) b'; what the reciprocal would add is taken back."""
    a, inverse = tape.inputs[k]
    if tape.names[inverse] != "reciprocal":
        raise NoReading("a square over something that is no single number")
    b, adjoint = tape.inputs[inverse][0], found[k]
    share = tape.multiply(a, inverse)
    u = tuple(tape.subtract(p, tape.multiply(share, q)) for p, q in zip(
        direction(a), direction(b), strict=True))
    _add(tape, page, tape.multiply(adjoint, tape.scale(inverse, 2)), u)
    back = tape.multiply(adjoint, tape.unary("square", a))
    cube = tape.scale(tape.power(inverse, tape.constant(3)), 2)
    _add(tape, page, tape.scale(tape.multiply(back, cube), -1), direction(b))


def _add(tape: Tape, page: Ledger, factor: int, direction: Direction) -> None:
    """Add a term; directions that are multiples of each other by a rational are one."""
    numbers = [tape.number(d) for d in direction]
    lead = next((n for n in numbers if n is not None and n != 0), None)
    if all(n == 0 for n in numbers):
        return
    if lead is not None and None not in numbers:
        direction = tuple(tape.scale(d, 1 / lead) for d in direction)
        factor = tape.scale(factor, lead * lead)
    before = page.terms.get(direction)
    page.terms[direction] = factor if before is None else tape.add(before, factor)


# ---------------------------------------------------------------- as a matrix
def _exactly(at: Look, page: Ledger) -> bool:
    """Decide a quadratic form by rational numbers."""
    tape = at.written.tape

    def rational(entries: Direction) -> list[fmpq] | None:
        found = [tape.number(k) for k in entries]
        return None if None in found else found  # type: ignore[return-value]

    size = len(at.ground.moved)
    matrix = [[fmpq(0)] * size for _ in range(size)]
    for factor, u, v in _all(page):
        parts = rational(u), rational(v), tape.number(factor)
        if parts[0] is None or parts[1] is None or parts[2] is None or size > LARGEST:
            return False
        for i in range(size):
            for j in range(size):
                matrix[i][j] += parts[2] * parts[0][i] * parts[1][j]
    return semidefinite(matrix)


def _all(page: Ledger) -> Iterator[tuple[int, Direction, Direction]]:
    for u, factor in page.terms.items():
        yield factor, u, u
    for factor, u, v in page.pairs:
        yield factor, u, v
        yield factor, v, u


def _by_matrix(at: Look, page: Ledger) -> bool:
    """Lower ends of the factors make the least matrix; it is positive definite by intervals."""
    size = len(at.ground.moved)
    if size > LARGEST:
        return False
    matrix = [[NONE] * size for _ in range(size)]

    def enter(factor: arb, u: list[arb], v: list[arb]) -> None:
        for i in range(size):
            for j in range(i + 1):
                matrix[i][j] = matrix[i][j] + factor * (
                    u[i] * u[j] if u is v else u[i] * v[j] + u[j] * v[i])

    for u, factor in page.terms.items():
        value = at.enclosure.value(factor)
        if not (value.ok and value.lo.is_finite()):
            return False
        balls = [ball(v) for v in at.values(u)]
        enter(value.lo, balls, balls)
    for factor, first, second in page.pairs:
        one, other = ([ball(v) for v in at.values(d)] for d in (first, second))
        enter(ball(at.enclosure.value(factor)), one, other)
    return positive(matrix)
