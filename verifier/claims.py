"""The language of claims: what a user may assert of a function, as text and as data.

>>> parse("0.1-strongly convex in w")
ClaimSpec(kind='strongly-convex', text='0.1-strongly convex in w', arguments=('w',), number='0.1')
>>> describe(parse("1 >= df/dx >= -1"))
'-1 <= df/dx <= 1'

Numbers are kept as exact texts; :func:`exact` turns one into a Fraction.
"""

from __future__ import annotations

import difflib
import re
from fractions import Fraction

import msgspec

from .claim_grammar import NUMBER, read, tidied
from .errors import BadSpec

INFINITE = "inf"  # the order of "Cinf"
PARAMETERS = "parameters"  # in "C1 in parameters": every parameter of the subject

FORMS = (
    "C0", "C1", "C2", "Cinf", "C2 in x", "Cinf in parameters", "C1 in x, y",
    "convex", "concave", "affine", "not convex", "not concave", "not affine", "convex in w",
    "0.1-strongly convex", "strongly convex with mu = 0.1",
    "increasing in x", "decreasing in x", "strictly increasing in x", "strictly decreasing in x",
    "1-Lipschitz", "1-Lipschitz (1) in x", "1-Lipschitz (inf) in x",
    "0 <= f <= 1", "f >= 0", "-0.13 <= df/dx <= 1.13", "|df/dx| <= 1", "-1 <= d2f/dx2 <= 1",
    "12 digits", "4 ulp", "finite", "gradient keeps 12 digits", "gradient is finite",
    "12 digits in float32", "finite in float16",
)  # fmt: skip
_SAMPLES = ("C2 in x", "convex in w", "increasing in x", "1-Lipschitz", "0 <= f <= 1", "12 digits")
_MEANT = {  # words of other books
    "smooth": "Cinf", "differentiable": "C1", "twice differentiable": "C2", "continuous": "C0",
    "monotone": "increasing in x", "monotonic": "increasing in x", "linear": "affine",
    "positive": "f > 0", "nonnegative": "f >= 0", "non-negative": "f >= 0", "negative": "f < 0",
    "bounded": "0 <= f <= 1", "accurate": "12 digits",
}  # fmt: skip
_NAMES = {0: "", 1: "gradient", 2: "second derivative"}


class ClaimSpec(msgspec.Struct, frozen=True, omit_defaults=True, repr_omit_defaults=True):
    """One claim as data. Each kind uses `text`, `arguments` and the fields in brackets.

    smooth           C^order, jointly in the arguments        (order: an int or "inf"; negated)
    convex, concave, affine                                   (negated)
    strongly-convex  f - number/2 |x|^2 is convex, number > 0 (number; negated)
    increasing, decreasing                                    (strict; negated)
    lipschitz        with constant number in the norm "1", "2" or "inf"  (number, norm; negated)
    bounds           lower <= d^order f / d argument^order <= upper, either may be None
                     (order, lower, upper, lower_strict, upper_strict; absolute: written |...|)
    precision        value (order 0), first (1) or second derivative (2) keeps so many
                     (number, unit: "digits" or "ulp", order, dtype or None)
    finite           the same is neither inf nor nan          (order, dtype or None)

    `arguments` is empty where the claim speaks of all; ("parameters",) means all parameters.
    `text` is what the user wrote, spaces tidied; :func:`describe` gives the canonical text.
    """

    kind: str
    text: str
    arguments: tuple[str, ...] = ()
    negated: bool = False
    strict: bool = False
    order: int | str = 0
    number: str | None = None
    norm: str = "2"
    unit: str = ""
    lower: str | None = None
    upper: str | None = None
    lower_strict: bool = False
    upper_strict: bool = False
    absolute: bool = False
    dtype: str | None = None


def exact(number: str) -> Fraction:
    """Return a number of a claim as the rational it spells: "0.1" is 1/10, "1e-3" is 1/1000."""
    return Fraction(number)


def parse(text: str) -> ClaimSpec:
    """Return the claim that `text` states.

    Raises BadSpec "unknown-claim" where no form fits (naming the nearest), "bad-claim" where a form
    fits and its numbers make no sense.
    """
    if not isinstance(text, str):
        raise BadSpec(
            f"a claim must be text, not {type(text).__name__} ({text!r})",
            slug="unknown-claim",
            hint='Write it as a string, such as "convex in w" or "0 <= f <= 1".',
        )
    tidy = tidied(text)
    fields = read(tidy)
    if fields is None:
        raise _unknown(tidy)
    return ClaimSpec(text=tidy, **fields)


def describe(spec: ClaimSpec) -> str:
    """Return the canonical text of a claim: ``parse(describe(spec))`` says the same."""
    where = f" in {', '.join(spec.arguments)}" if spec.arguments else ""
    match spec.kind:
        case "smooth":
            phrase = f"C{spec.order}{where}"
        case "strongly-convex":
            phrase = f"{spec.number}-strongly convex{where}"
        case "lipschitz":
            norm = "" if spec.norm == "2" else f" ({spec.norm})"
            phrase = f"{spec.number}-Lipschitz{norm}{where}"
        case "bounds":
            phrase = _describe_bounds(spec)
        case "precision" | "finite":
            phrase = _describe_computed(spec)
        case _:
            phrase = f"{'strictly ' if spec.strict else ''}{spec.kind}{where}"
    return f"not {phrase}" if spec.negated else phrase


def quantity(spec: ClaimSpec) -> str:
    """Return what a bound speaks of: "f", "df/dx" or "d2f/dx2"."""
    if not spec.order or not spec.arguments:
        return "f"
    name = spec.arguments[0]
    if spec.order == 1:
        return f"df/d{name}"
    return f"d{spec.order}f/d{name}{'^' if name[-1].isdigit() else ''}{spec.order}"


def _describe_bounds(spec: ClaimSpec) -> str:
    below, above = "<" if spec.lower_strict else "<=", "<" if spec.upper_strict else "<="
    if spec.absolute:
        return f"|{quantity(spec)}| {above} {spec.upper}"
    if spec.upper is None:
        return f"{quantity(spec)} {below.replace('<', '>')} {spec.lower}"
    lower = "" if spec.lower is None else f"{spec.lower} {below} "
    return f"{lower}{quantity(spec)} {above} {spec.upper}"


def _describe_computed(spec: ClaimSpec) -> str:
    name = _NAMES[int(spec.order)]
    verb = "is" if spec.kind == "finite" else "keeps"
    what = "finite" if spec.kind == "finite" else f"{spec.number} {spec.unit}"
    return f"{f'{name} {verb} ' if name else ''}{what}{f' in {spec.dtype}' if spec.dtype else ''}"


def _unknown(text: str) -> BadSpec:
    """Return the error that names the nearest form, in the user's own arguments and numbers."""
    return BadSpec(f'unknown claim "{text}"', slug="unknown-claim", hint=_meant(text))


def _meant(text: str) -> str:
    several = text.split(" and ")
    if len(several) > 1:
        listed = ", ".join(f'"{part.strip()}"' for part in several)
        return f"Write one claim for each statement: [{listed}]."
    head, separator, tail = text.partition(" in ")
    numbers = re.findall(NUMBER, head)
    if head.lower() in _MEANT:
        found = _MEANT[head.lower()]
        return f'Did you mean "{found if " in " in found else found + separator + tail}"?'
    if "lipschitz" in head.lower():
        tail = tail.partition("(")[0].rstrip()  # a norm that is none
        return f'Did you mean "{numbers[0] if numbers else 1}-Lipschitz{separator}{tail}"?'
    if "f'" in text:
        slope = text.replace("f''", "d2f/dx2").replace("f'", "df/dx")
        return f'Did you mean "{slope}"?'
    shapes = {re.sub(NUMBER, "#", form.partition(" in ")[0]): form for form in FORMS}
    close = difflib.get_close_matches(re.sub(NUMBER, "#", head), shapes, n=1, cutoff=0.6)
    if close:
        form = shapes[close[0]]
        nearest = form.partition(" in ")[0]
        if close[0].count("#") == len(numbers):
            given = iter(numbers)
            nearest = re.sub("#", lambda _: next(given), close[0])
        found = f"{nearest}{separator}{tail}"
        if found == text:  # the number itself is at fault: C1.5, float8
            found = form if separator else form.partition(" in ")[0]
        return f'Did you mean "{found}"?'
    listed = ", ".join(f'"{form}"' for form in _SAMPLES)
    return f"Claims look like {listed}."
