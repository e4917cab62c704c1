"""Branch and bound over boxes: a property is proved on every part of a cover, or what is left said.

A judge looks at several boxes at once; what it leaves open is cut in two, best first. Cuts are
floats that both halves own, so that the parts cover every real point of the box. The tree of cuts
is kept: a certificate can be checked without trusting this search.
"""

from __future__ import annotations

import heapq
import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

Array = np.ndarray
Box = Mapping[str, tuple[Array, Array]]
Place = tuple[str, int]  # an input and the flat index of one of its entries

PROVED, REFUTED, OPEN = "proved", "refuted", "open"
BATCH = 64  # boxes judged together at most
BOXES = 100_000  # boxes judged before the search gives up


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a judge says of one box.

    `priority`: of open boxes the largest is cut first. `hint`: where to cut, else at the entry
    that is widest compared with the first box. `detail` is kept for the caller (a witness).
    """

    status: str
    priority: float = 0.0
    hint: Place | None = None
    detail: Any = None


@dataclass(frozen=True, slots=True, eq=False)
class Leaf:
    """One box of the cover: its number in the tree, its judgement and its share of the volume.

    Along an unbounded side each half counts one half of the share.
    """

    number: int
    box: Box
    judgement: Judgement
    share: Fraction

    @property
    def status(self) -> str:
        return self.judgement.status


@dataclass(frozen=True, slots=True)
class Cut:
    """Box `number` was cut at x = `at`: `below` and `above` are the numbers of the halves."""

    number: int
    place: Place
    at: float
    below: int
    above: int


@dataclass(frozen=True, slots=True, eq=False)
class Cover:
    """The state of a search: decided leaves, open ones (best first), the cuts, and why it ended.

    `ended` is "decided" (nothing is open), "refuted", "boxes" or "seconds" (a limit was met), or
    "floats" (what is open cannot be cut any more).
    """

    root: Box
    leaves: tuple[Leaf, ...]
    open: tuple[Leaf, ...]
    cuts: tuple[Cut, ...]
    judged: int
    ended: str

    @property
    def proved(self) -> bool:
        """Whether the property holds on the whole box."""
        return not self.open and all(leaf.status == PROVED for leaf in self.leaves)

    @property
    def refuted(self) -> tuple[Leaf, ...]:
        """The boxes on which the property is refuted."""
        return tuple(leaf for leaf in self.leaves if leaf.status == REFUTED)

    @property
    def share(self) -> Fraction:
        """The part of the volume on which the property is proved, exactly."""
        return sum((f.share for f in self.leaves if f.status == PROVED), Fraction(0))


Judge = Callable[[Sequence[Box]], Sequence[Judgement]]


def cover(
    box: Box, judge: Judge, *, budget_seconds: float | None = None, max_boxes: int = BOXES,
    batch: int = BATCH, resume: Cover | None = None, exhaustive: bool = False,
) -> Cover:
    """Cut `box` until every part is decided, one is refuted, or a limit is met.

    Ends of the box may be infinite. `max_boxes` counts the boxes judged by this call; `resume`
    goes on from an earlier cover of the same box. `exhaustive` goes on after a refutation. The
    same arguments give the same cover, unless the seconds run out.
    """
    search = _Search(box, judge, batch, resume)
    end = math.inf if budget_seconds is None else time.monotonic() + budget_seconds
    limit = search.judged + max_boxes
    if resume is None:
        search.ask([(0, box, Fraction(1))])
    while search.heap:
        if search.refuted and not exhaustive:
            return search.state("refuted")
        if search.judged + 2 > limit:
            return search.state("boxes")
        if time.monotonic() > end:
            return search.state("seconds")
        search.step(min(batch, (limit - search.judged) // 2))
    if search.refuted:
        return search.state("refuted")
    return search.state("floats" if search.stuck else "decided")


class _Search:
    """The moving parts of one search; :func:`cover` hands out frozen states of it."""

    def __init__(self, box: Box, judge: Judge, batch: int, resume: Cover | None) -> None:
        self.root, self.judge, self.batch = box, judge, batch
        self.widths = {name: _width(*ends) for name, ends in box.items()}
        self.leaves = list(resume.leaves) if resume else []
        self.cuts = list(resume.cuts) if resume else []
        self.judged = resume.judged if resume else 0
        self.heap: list[tuple[float, int, Leaf]] = []
        self.stuck: list[Leaf] = []
        self.refuted = bool(resume and resume.refuted)
        for leaf in resume.open if resume else ():
            self._push(leaf)

    def _push(self, leaf: Leaf) -> None:
        priority = leaf.judgement.priority
        rank = -priority if priority == priority else -math.inf
        heapq.heappush(self.heap, (rank, leaf.number, leaf))

    def ask(self, boxes: Sequence[tuple[int, Box, Fraction]]) -> None:
        """Have boxes judged and file the answers."""
        answers = self.judge([box for _, box, _ in boxes])
        self.judged += len(boxes)
        for (number, box, share), answer in zip(boxes, answers, strict=True):
            leaf = Leaf(number, box, answer, share)
            if answer.status == OPEN:
                self._push(leaf)
            else:
                self.leaves.append(leaf)
                self.refuted |= answer.status == REFUTED

    def step(self, count: int) -> None:
        """Cut the best `count` open boxes and have the halves judged."""
        asked: list[tuple[int, Box, Fraction]] = []
        while self.heap and len(asked) + 2 <= 2 * count and len(asked) + 2 <= self.batch:
            leaf = heapq.heappop(self.heap)[2]
            place = self._place(leaf)
            if place is None:
                self.stuck.append(leaf)
                continue
            asked += self._halves(leaf, place)
        if asked:
            self.ask(asked)

    def _place(self, leaf: Leaf) -> Place | None:
        """Return where to cut: as hinted, else the relatively widest entry; None where none is."""
        hint = leaf.judgement.hint
        if hint is not None and cut_at(*_ends(leaf.box, hint)) is not None:
            return hint
        best, place = 0.0, None
        for name, (low, high) in leaf.box.items():
            relative = _relative(_width(low, high), self.widths[name])
            for index in np.argsort(-relative, kind="stable").tolist():
                if relative[index] <= best:
                    break
                if cut_at(*_ends(leaf.box, (name, index))) is not None:
                    best, place = float(relative[index]), (name, index)
                    break
        return place

    def _halves(self, leaf: Leaf, place: Place) -> list[tuple[int, Box, Fraction]]:
        low, high = _ends(leaf.box, place)
        at = cut_at(low, high)
        assert at is not None
        first = 2 * len(self.cuts) + 1
        self.cuts.append(Cut(leaf.number, place, at, first, first + 1))
        part = Fraction(1, 2)
        if math.isfinite(low) and math.isfinite(high):
            part = (Fraction(at) - Fraction(low)) / (Fraction(high) - Fraction(low))
        below, above = halves(leaf.box, place, at)
        return [(first, below, leaf.share * part), (first + 1, above, leaf.share * (1 - part))]

    def state(self, ended: str) -> Cover:
        left = [entry[2] for entry in sorted(self.heap, key=lambda e: e[:2])]
        return Cover(self.root, tuple(self.leaves), (*left, *self.stuck), tuple(self.cuts),
                     self.judged, ended)


# ---------------------------------------------------------------- boxes
def halves(box: Box, place: Place, at: float) -> tuple[Box, Box]:
    """Return the two closed parts of a box on both sides of `at`."""
    name, index = place
    low, high = box[name]
    lowered, raised = np.array(high, dtype=np.float64), np.array(low, dtype=np.float64)
    lowered.reshape(-1)[index], raised.reshape(-1)[index] = at, at
    return {**box, name: (low, lowered)}, {**box, name: (raised, high)}


def cut_at(low: float, high: float) -> float | None:
    """Return a short float well inside an interval, None where no float lies between its ends.

    Unbounded intervals are cut at 0, then at 1, 4, 16, 256, 65536, ... to both sides.
    """
    if math.isinf(low) or math.isinf(high):
        at = _far(low, high)
        return at if low < at < high else None
    a, b = 0.625 * low + 0.375 * high, 0.375 * low + 0.625 * high
    if a <= 0.0 <= b and low < 0.0 < high:
        return 0.0
    at = 0.5 * low + 0.5 * high
    if b > a:
        step = 2.0 ** max(math.floor(math.log2(b - a)), -1074)
        short = math.ceil(a / step) * step if abs(a) < step * 2.0**53 else at
        at = short if a <= short <= b else at
    return at if low < at < high else None


def _far(low: float, high: float) -> float:
    if math.isinf(low) and math.isinf(high):
        return 0.0
    if math.isinf(low):
        return -_far(-high, -low)
    if low < 0.0:
        return 0.0
    if low < 1.0:
        return 1.0
    power = max(1, math.ceil(math.log2(low)))
    return min(2.0 ** min(2 * power, 1023), math.nextafter(math.inf, 0.0))


def stacked(boxes: Sequence[Box]) -> dict[str, tuple[Array, Array]]:
    """Return several boxes as one with a leading axis, as `readers.region.enclose` takes them."""
    names = boxes[0]
    return {name: (np.stack([b[name][0] for b in boxes]), np.stack([b[name][1] for b in boxes]))
            for name in names}


def widest(box: Box, influence: Mapping[str, Array]) -> Place | None:
    """Return the entry whose |slope| times width is largest: where a cut helps most."""
    best, place = 0.0, None
    for name, slopes in influence.items():
        width = _width(*box[name])
        with np.errstate(all="ignore"):
            product = np.nan_to_num(np.abs(np.ravel(slopes)) * width, nan=0.0, posinf=math.inf)
        if product.size and product.max() > best:
            best, place = float(product.max()), (name, int(product.argmax()))
    return place


def _ends(box: Box, place: Place) -> tuple[float, float]:
    low, high = box[place[0]]
    return float(np.ravel(low)[place[1]]), float(np.ravel(high)[place[1]])


def _width(low: Array, high: Array) -> Array:
    with np.errstate(all="ignore"):
        width = np.ravel(np.asarray(high, dtype=np.float64) - np.asarray(low, dtype=np.float64))
    return np.where(np.isnan(width), 0.0, width)


def _relative(width: Array, first: Array) -> Array:
    """Return widths compared with the first box; an unbounded one comes before all others."""
    with np.errstate(all="ignore"):
        share = np.where(np.isinf(first), 1.0 - 1.0 / (1.0 + width), width / first)
    return np.where(np.isinf(width), math.inf, np.nan_to_num(share, nan=0.0))
