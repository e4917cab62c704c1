"""Text as it may be shown: no control characters, nothing endless, digits counted."""

from __future__ import annotations

import math
import re
import shlex
from collections.abc import Iterable
from decimal import MAX_EMAX, MIN_EMIN, Context, Decimal, InvalidOperation

from ..exact import from_real
from ..verdicts import Enclosure, Real, Tensor

LONGEST = 400  # characters of one text that are shown
SIGNIFICANT = 20  # significant digits of a number that are shown

# C0, DEL, C1, and what reorders or hides text: bidirectional and zero-width marks, separators.
_CONTROL = re.compile(
    "[\x00-\x1f\x7f-\x9f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]"
)
_DIGITS = {"float64": 17, "float32": 9, "float16": 5, "bfloat16": 4}
_CALCULATOR = Context(prec=1300, Emax=MAX_EMAX, Emin=MIN_EMIN, traps=[InvalidOperation])


def visible(text: str, longest: int = LONGEST) -> str:
    r"""Return `text` on one line, control characters escaped, cut at `longest` characters.

    >>> visible("a\x1b[31m\n")
    'a\\x1b[31m\\n'
    """
    text = whole(text)
    found = _CONTROL.sub(_escaped, text[:longest])
    return found if len(text) <= longest else f"{found}… ({len(text):,} characters)"


def whole(text: str) -> str:
    """Return `text` with halves of surrogate pairs spelt out, so that it can be encoded."""
    return text if text.isascii() else text.encode("utf-8", "backslashreplace").decode("utf-8")


def _escaped(match: re.Match[str]) -> str:
    short = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}
    code = ord(match[0])
    return short.get(match[0]) or (f"\\x{code:02x}" if code < 256 else f"\\u{code:04x}")


def decimal(text: str | None) -> Decimal | None:
    """Return the finite number that `text` says in decimal, or None."""
    try:
        number = Decimal(text.strip(), _CALCULATOR) if text else None
    except InvalidOperation:
        return None
    return number if number is not None and number.is_finite() else None


def exact(value: Real) -> Decimal | None:
    """Return the exact number whose bits `value` carries, or None where it is not finite."""
    found = from_real(value)
    return Decimal(found) if math.isfinite(found) else None


def difference(value: Decimal, truth: Decimal) -> Decimal:
    """Return `value` - `truth` without the context's precision getting in the way."""
    return _CALCULATOR.subtract(value, truth)


def agreeing(value: Decimal | None, truth: Decimal | None) -> float | None:
    """Return how many decimal digits `value` shares with `truth`: inf where equal, None unknown.

    >>> agreeing(Decimal("0.1001"), Decimal("0.1"))
    3.0
    """
    if value is None or truth is None:
        return None
    off = difference(value, truth).copy_abs()
    if off == 0:
        return math.inf
    if truth == 0:
        return 0.0
    return max(0.0, -float(_log10(_CALCULATOR.divide(off, truth.copy_abs()))))


def _log10(number: Decimal) -> Decimal:
    """Return log10 to about nine places: the number may be far outside the range of floats."""
    places = number.adjusted()
    return Decimal(places) + Decimal(math.log10(float(number.scaleb(-places, _CALCULATOR))))


def number(value: Decimal | None, text: str, significant: int = SIGNIFICANT) -> str:
    """Return `value` rounded to `significant` digits, or `text` where it is no number.

    >>> number(Decimal("0.25000000000000000000001"), "")
    '0.25000000000000000000'
    >>> number(None, "nan")
    'nan'
    """
    if value is None:
        return visible(text, 60)
    short = value.normalize(_CALCULATOR)
    if len(short.as_tuple().digits) > significant:
        short = Context(prec=significant, Emax=MAX_EMAX, Emin=MIN_EMIN).plus(short)
    return f"{short:f}" if -7 < short.adjusted() < significant else f"{short:e}"


def small(text: str | None) -> str:
    """Return an error or a radius with two digits, in the shortest form.

    >>> small("0.000000123456")
    '1.2e-7'
    """
    value = decimal(text)
    if value is None:
        return visible(text or "", 30)
    if value == 0 or -3 <= value.adjusted() <= 3:
        return brief(float(value))
    return f"{value:.1e}".replace("e+", "e").replace(".0e", "e")


def brief(value: float) -> str:
    """Return `value` with two digits: `19`, `2.2e-11`.

    >>> brief(2.2e-05)
    '2.2e-5'
    """
    return re.sub(r"e([+-])0*", lambda sign: "e-" if sign[1] == "-" else "e", f"{value:.2g}")


def reading(text: str) -> Enclosure:
    """Return the ball that a text says, `[mid +/- radius]` or a plain number of no radius.

    >>> reading("[0.25 +/- 3e-20]")
    Enclosure(mid='0.25', radius='3e-20')
    """
    found = re.fullmatch(r"\[(\S{1,2000}) \+/- (\S{1,2000})\]", text.strip())
    return Enclosure(found[1], found[2]) if found else Enclosure(text.strip(), "0")


def ball(enclosure: Enclosure) -> str:
    """Return `mid ± radius`."""
    mid = number(decimal(enclosure.mid), enclosure.mid)
    return mid if decimal(enclosure.radius) == 0 else f"{mid} ± {small(enclosure.radius)}"


def place(argument: str | None, index: tuple[int, ...] | None) -> str:
    """Return `W2[3, 1]` for an argument and its index; "" where neither is known."""
    inside = f"[{', '.join(map(str, index))}]" if index else ""
    return f"{visible(argument or '', 120)}{inside}"


def point(tensors: dict[str, Tensor], most: int = 8) -> str:
    """Return `x = [0.5, 1.0], W = ...` for at most `most` arrays."""
    items = sorted(tensors.items())
    shown = [f"{visible(name, 80)} = {_array(value)}" for name, value in items[:most]]
    more = [f"and {len(items) - most} more arrays"] if len(items) > most else []
    return ", ".join(shown + more)


def element(tensors: dict[str, Tensor], argument: str | None, index: tuple[int, ...] | None) -> str:
    """Return `W2[3, 1] = 0.5`: the input at the component, or "" where the index fits no array."""
    value = tensors.get(argument or "")
    if value is None or index is None or len(index) != len(value.shape):
        return ""
    flat = 0
    for at, side in zip(index, value.shape, strict=True):
        if not 0 <= at < side:
            return ""
        flat = flat * side + at
    if flat >= len(value.hex) or value.dtype not in _DIGITS:
        return ""
    try:
        found = float.fromhex(value.hex[flat])
    except (ValueError, OverflowError):
        return ""
    return f"{place(argument, index)} = {_shortest(found, _DIGITS[value.dtype])}"


def _shortest(number: float, digits: int) -> str:
    """Return the shortest text that is `number` again in a dtype that keeps `digits` digits."""
    return repr(number) if digits == 17 else f"{number:.{digits}g}"


def _array(value: Tensor) -> str:
    count = counted(math.prod(value.shape), "element")
    if not value.text:
        return f"{visible(value.dtype, 20)}, {count}"
    if len(value.text) <= 120:
        return visible(value.text)
    whole_numbers = value.text[:90].rpartition(",")[0] or value.text[:90]
    return f"{visible(whole_numbers)}, ... ({count})"


def counted(count: int, noun: str) -> str:
    """Return `1 point`, `2 points`, `1,024 points`; checks, claims, findings and units likewise."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def listed(words: Iterable[str]) -> str:
    """Return `a, b and c`."""
    items = list(words)
    return " and ".join([", ".join(items[:-1]), items[-1]]) if len(items) > 1 else "".join(items)


def by_road(road: str, limit: int = 40) -> list[str]:
    """Return how a claim was judged where that is worth saying: `opaque road`, `as run`."""
    if road in ("lifted", "none"):
        return []
    return [visible(road, limit) + ("" if road.startswith("as ") else " road")]


def replay(report: str, id: str) -> str:
    """Return the command that evaluates a finding again, quoted for a shell."""
    return f"verifier replay {visible(shlex.quote(report))} {visible(shlex.quote(id))}"
