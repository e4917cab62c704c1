"""The forms a claim may take, as patterns, and what each says: text in, fields of a claim out."""

from __future__ import annotations

import re
from collections.abc import Callable
from fractions import Fraction
from typing import Any

from .errors import BadSpec

DTYPES = ("float16", "bfloat16", "float32", "float64")
NUMBER = r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?(?:/\d+)?"

Groups = dict[str, str]
Fields = dict[str, Any]

_ARGUMENT = r"[^\W\d]\w*(?:\.\w+|\[\d+\])*"
_ARGUMENTS = rf"{_ARGUMENT}(?:\s*(?:,|\band\b)\s*{_ARGUMENT})*"
_IN = rf"(?:\s+(?:jointly\s+)?in\s+(?P<arguments>{_ARGUMENTS}))?"
_NOT = r"(?P<negated>not\s+)?"
_DTYPE = rf"(?:\s+in\s+(?P<dtype>{'|'.join(DTYPES)}))?"
_FIRST = rf"d\s*f\s*/\s*d(?P<first>{_ARGUMENT})"
_HIGHER = rf"d\^?(?P<order>[1-9])\s*f\s*/\s*d(?P<higher>{_ARGUMENT}?)\^?(?P=order)"
_QUANTITY = rf"(?P<bar>\|\s*)?(?:{_HIGHER}|{_FIRST}|f(?:\([^)]*\))?)(?P<unbar>\s*\|)?"
_LEFT = rf"(?P<left>{NUMBER})\s*(?P<left_sign><=|>=|<|>)\s*"
_RIGHT = rf"\s*(?P<right_sign><=|>=|<|>)\s*(?P<right>{NUMBER})"
_MONOTONE = r"(?P<kind>increasing|decreasing|non-?decreasing|non-?increasing)"
_MU = rf"\s+with\s+(?:mu|μ|µ)\s*=?\s*(?P<number>{NUMBER})"
_WHAT = r"(?:(?:the\s+)?(?P<what>value|gradient|derivative|second derivative|hessian)\s+)?"
_DERIVATIVES = {"gradient": 1, "derivative": 1, "second derivative": 2, "hessian": 2}
_SYNONYMS = {"nondecreasing": "increasing", "nonincreasing": "decreasing"}
_TIDY = {"≤": "<=", "≥": ">=", "−": "-", "∞": "inf", "∂": "d"}


def tidied(text: str) -> str:
    """Return `text` with single spaces and plain ASCII signs."""
    for symbol, plain in _TIDY.items():
        text = text.replace(symbol, plain)
    return " ".join(text.split())


def read(text: str) -> Fields | None:
    """Return the fields of the claim `text` (tidied) states, None where no form fits.

    Raises BadSpec "bad-claim" where a form fits and its numbers make no sense.
    """
    for pattern, build in _GRAMMAR:
        match = pattern.fullmatch(text)
        if match:
            return build(text, {k: v for k, v in match.groupdict().items() if v})
    return None


def _with_arguments(groups: Groups, kind: str) -> Fields:
    """Return what all properties share: kind, arguments and the leading "not"."""
    names = re.split(r"\s*,\s*|\s+and\s+", groups.get("arguments", ""))
    arguments = tuple(dict.fromkeys(name for name in names if name))
    return {"kind": kind, "arguments": arguments, "negated": "negated" in groups}


def _smooth(text: str, groups: Groups) -> Fields:
    order = groups["order"].lower()
    infinite = order in ("inf", "oo", "infinity")
    return _with_arguments(groups, "smooth") | {"order": "inf" if infinite else int(order)}


def _curvature(text: str, groups: Groups) -> Fields:
    return _with_arguments(groups, groups["kind"].lower())


def _strongly_convex(text: str, groups: Groups) -> Fields:
    number = _number(text, groups["number"])
    if Fraction(number) <= 0:
        raise _bad(text, f"mu must be positive, not {number}", 'Plain convexity is "convex".')
    return _with_arguments(groups, "strongly-convex") | {"number": number}


def _monotone(text: str, groups: Groups) -> Fields:
    kind = groups["kind"].lower().replace("-", "")
    return _with_arguments(groups, _SYNONYMS.get(kind, kind)) | {"strict": "strict" in groups}


def _lipschitz(text: str, groups: Groups) -> Fields:
    number = _number(text, groups["number"])
    if Fraction(number) < 0:
        hint = "The smallest possible one is 0, of a constant function."
        raise _bad(text, f"a Lipschitz constant is never negative, here {number}", hint)
    norm = groups.get("norm", "2").lower()
    norm = "inf" if norm == "oo" else norm
    return _with_arguments(groups, "lipschitz") | {"number": number, "norm": norm}


def _bounds(text: str, groups: Groups) -> Fields:
    """Read "low <= q <= high", "q <= high", "q >= low", "low < q" and "|q| <= high"."""
    sides: Fields = {}
    for side, from_the_left in (("left", True), ("right", False)):
        if side not in groups:
            continue
        sign = groups[f"{side}_sign"]
        end = "upper" if sign.startswith("<") != from_the_left else "lower"
        if end in sides:
            raise _bad(text, "it bounds the same side twice", 'Write it like "0 <= f <= 1".')
        sides |= {end: _number(text, groups[side]), f"{end}_strict": not sign.endswith("=")}
    absolute = "bar" in groups
    if absolute != ("unbar" in groups):
        raise _bad(text, "a bar | is not closed", 'Write it like "|df/dx| <= 1".')
    if absolute:
        if "upper" not in sides or "lower" in sides:
            raise _bad(text, "only |...| <= number can be claimed", 'Such as "|df/dx| <= 1".')
        sides |= {"lower": _negative(sides["upper"]), "lower_strict": sides["upper_strict"]}
    _check_bounds(text, sides)
    argument = groups.get("first") or groups.get("higher")
    order = int(groups.get("order", "1")) if argument else 0
    arguments = (argument,) if argument else ()
    fields = {"kind": "bounds", "arguments": arguments, "order": order, "absolute": absolute}
    return fields | sides


def _check_bounds(text: str, sides: Fields) -> None:
    if "lower" not in sides or "upper" not in sides:
        return
    gap = Fraction(sides["upper"]) - Fraction(sides["lower"])
    if gap < 0 or (gap == 0 and (sides["lower_strict"] or sides["upper_strict"])):
        between = f"{sides['lower']} and {sides['upper']}"
        raise _bad(text, f"no number lies between {between}", "Swap the two bounds.")


def _precision(text: str, groups: Groups) -> Fields:
    number = _number(text, groups["number"])
    unit = "ulp" if groups["unit"].lower().startswith("ulp") else "digits"
    if Fraction(number) <= 0:
        raise _bad(text, f"{number} {unit} says nothing", "Give a positive number.")
    return _computed(groups, "precision") | {"number": number, "unit": unit}


def _finite(text: str, groups: Groups) -> Fields:
    return _computed(groups, "finite")


def _computed(groups: Groups, kind: str) -> Fields:
    order = _DERIVATIVES.get(groups.get("what", "").lower(), 0)
    return {"kind": kind, "order": order, "dtype": groups.get("dtype", "").lower() or None}


_GRAMMAR: tuple[tuple[re.Pattern[str], Callable[[str, Groups], Fields]], ...] = tuple(
    (re.compile(pattern, re.IGNORECASE), build)
    for pattern, build in (
        (rf"{_NOT}C\s*\^?(?P<order>\d+|inf|oo|infinity){_IN}", _smooth),
        (rf"{_NOT}(?P<kind>convex|concave|affine){_IN}", _curvature),
        (rf"{_NOT}(?P<number>{NUMBER})-strongly[ -]convex{_IN}", _strongly_convex),
        (rf"{_NOT}strongly[ -]convex{_MU}{_IN}", _strongly_convex),
        (rf"{_NOT}strongly[ -]convex{_IN}{_MU}", _strongly_convex),
        (rf"{_NOT}(?P<strict>strictly\s+)?{_MONOTONE}{_IN}", _monotone),
        (rf"{_NOT}(?P<number>{NUMBER})-lipschitz(?:\s*\((?P<norm>1|2|inf|oo)\))?{_IN}", _lipschitz),
        (rf"{_NOT}(?P<number>{NUMBER})-lipschitz{_IN}\s*\((?P<norm>1|2|inf|oo)\)", _lipschitz),
        (rf"(?:{_LEFT})?{_QUANTITY}{_RIGHT}", _bounds),
        (rf"{_LEFT}{_QUANTITY}", _bounds),
        (
            rf"{_WHAT}(?:keeps\s+)?(?P<number>{NUMBER})\s*(?P<unit>digits?|ulps?){_DTYPE}",
            _precision,
        ),
        (rf"{_WHAT}(?:is\s+)?finite{_DTYPE}", _finite),
    )
)


def _number(text: str, number: str) -> str:
    """Return the number as written; refuse what is no number or too long to be held exactly."""
    if re.search(r"[eE][-+]?\d{5,}", number):
        raise _bad(text, f"the exponent of {number} is out of reach", "No dtype goes so far.")
    if re.search(r"/0+$", number):
        raise _bad(text, f"{number} divides by zero", "Write it like 1/4 or 0.25.")
    if "/" in number and not re.fullmatch(r"[-+]?\d+/\d+", number):
        raise _bad(text, f"{number} mixes a decimal with a fraction", "Write 1/4 or 0.25.")
    return number.removeprefix("+")


def _negative(number: str) -> str:
    if not Fraction(number):
        return number
    return number[1:] if number.startswith("-") else f"-{number}"


def _bad(text: str, what: str, hint: str) -> BadSpec:
    return BadSpec(f'claim "{text}": {what}', slug="bad-claim", hint=hint)
