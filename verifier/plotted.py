"""What a report draws besides its witnesses: the plain data of plots, part of the JSON report.

A page draws only what stands here or in a witness, so an old report can be drawn again. Numbers
are plain floats: they are for eyes; what is proved stands in certificates and witnesses.
"""

from __future__ import annotations

import msgspec


class Graph(msgspec.Struct, frozen=True, omit_defaults=True, tag="graph"):
    """A function along a segment: `values` at the increasing places `at`.

    `along` names what runs across: an argument, or "t" for the share of the way from a witness's
    point (0) to its second point (1). `what` names the height. `others` are further curves over
    the same places by name ("claimed"), `lines` named constant heights ("upper bound"), `marks`
    named places across ("kink"). A value that is not finite is a gap in the curve.
    """

    at: tuple[float, ...]
    values: tuple[float, ...]
    along: str = "t"
    what: str = "f"
    others: dict[str, tuple[float, ...]] = {}
    lines: dict[str, float] = {}
    marks: dict[str, float] = {}


class Matrix(msgspec.Struct, frozen=True, omit_defaults=True, tag="matrix"):
    """A square matrix in C order, its rows in blocks (argument, number of rows).

    `digits` are decimal digits that a claimed matrix shares with it, entry by entry (nan: not
    compared; inf: all). `eigenvalues` rise, each within its entry of `radii` where these are there;
    `where` says at which point. `zeros` has a text a row, a letter an entry: "." not zero, "0" zero
    in number only, "p" zero on this piece by structure, "s" zero on every piece by structure.
    """

    blocks: tuple[tuple[str, int], ...]
    values: tuple[float, ...]
    digits: tuple[float, ...] = ()
    eigenvalues: tuple[float, ...] = ()
    radii: tuple[float, ...] = ()
    zeros: tuple[str, ...] = ()
    what: str = "Hessian"
    where: str = ""


class Digits(msgspec.Struct, frozen=True, omit_defaults=True, tag="digits"):
    """Decimal digits kept at the increasing inputs `at`, by dtype ("float32": one each).

    `along` names the input; `wanted` is the number of digits a claim asks for.
    """

    at: tuple[float, ...]
    kept: dict[str, tuple[float, ...]]
    along: str = "x"
    wanted: float | None = None


class Volume(msgspec.Struct, frozen=True, omit_defaults=True, tag="volume"):
    """Shares (of 1) of a domain's volume on which a claim is proved, refuted and left undecided.

    `boxes` is how many boxes were looked at; `undecided_at` describes the largest one left.
    """

    proved: float
    refuted: float
    undecided: float
    boxes: int = 0
    undecided_at: str = ""


class BlamedLine(msgspec.Struct, frozen=True):
    """One line of the user's source and its share (of 1) of what is blamed."""

    file: str
    line: int
    text: str
    share: float


class Blame(msgspec.Struct, frozen=True, omit_defaults=True, tag="blame"):
    """Which lines cost the digits, worst first; `what` is what their shares are shares of."""

    lines: tuple[BlamedLine, ...]
    what: str = "rounding error"


class Layer(msgspec.Struct, frozen=True, omit_defaults=True):
    """The units of one line of code: how many, how many sleep, and the gradient that meets them.

    `kind` is "switch" (relu: asleep is off), "saturating" (tanh: asleep is saturated), each at
    every point looked at, or "bend" (leaky relu, softplus: never asleep). `gradient` is the least
    and the greatest root mean square of the function's slopes by these units over the points.
    """

    name: str
    kind: str
    units: int
    asleep: int = 0
    gradient: tuple[float, ...] = ()


class Layers(msgspec.Struct, frozen=True, tag="layers"):
    """The layers of a net, from its input to its output."""

    layers: tuple[Layer, ...]


Plotted = Graph | Matrix | Digits | Volume | Blame | Layers
