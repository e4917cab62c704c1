"""Where does the tour go? The points of the plan, then what the graphs themselves point to."""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from ..errors import SubjectRaised, VerifierError
from ..graph.node import Node
from ..search.branches import branch_numbers
from ..search.white_box import white_numbers, white_points
from ..settings import Settings
from .joining import doubtful_rows
from .outcome import WrongShape, outcome_at
from .plan import Plan, unsigned
from .request import Request
from .subject import Here, stand_at

Point = dict[str, Any]
STARTS = 8  # points from which guards are walked to: several, since guards may act jointly
MOST_TURNS = 16  # numbers on which a branch turns, each a point of its own
FIRST = 3  # points of the plan before white-box points take turns with the rest


class Stops:
    """The subject at the points of a plan, each visited once, within the budget.

    `cut` says that the budget ended the tour; `failures` are the points where the subject could
    not be run. White-box points (DESIGN 6) follow the first points of a plan with domains.
    """

    def __init__(self, request: Request, found: Plan, clock: float) -> None:
        self.request, self.plan, self.deadline = request, found, clock + request.budget
        self.heres: list[Here] = []
        self.failures: list[SubjectRaised] = []
        self.cut = False
        self._points: Iterator[Point] = iter(found.points)

    def __iter__(self) -> Iterator[Here]:
        place = 0
        while True:
            while place < len(self.heres):
                yield self.heres[place]
                place += 1
                if time.monotonic() > self.deadline:
                    self.cut = self.cut or self._more()
                    return
            if not self._visit():
                return

    def _more(self) -> bool:
        """Tell whether a point is left, without losing it."""
        for point in self._points:
            self._points = itertools.chain([point], self._points)
            return True
        return False

    def _visit(self) -> bool:
        while (point := next(self._points, None)) is not None:
            if self.heres and time.monotonic() > self.deadline:
                self.cut = True
                return False
            try:
                here = stand_at(self.request, self.plan, point)
                apart = self._apart(here)
                if apart:
                    self._points = itertools.chain(apart, self._points)
                    continue
                self.heres.append(here)
                return True
            except SubjectRaised as error:
                self.failures.append(error)
                if not self.heres and len(self.failures) >= FIRST:
                    return False
        return False

    def _apart(self, here: Here) -> list[Point]:
        """Return the batch without the numbers its path is tied at, then each of those alone."""
        road = here.road
        if not self.plan.batched or here.value.size < 2 or not road.forked:
            return []
        assert road.lifted is not None and road.reading is not None
        rows = doubtful_rows(road.lifted, road.reading, here.value.size)
        (name,) = here.wrt
        numbers = np.asarray(here.point[name])
        if rows is None or rows.all() or rows.shape != numbers.shape:
            return []
        alone = [numbers[[k]] for k in np.flatnonzero(rows)[:MOST_TURNS]]
        return [{**here.point, name: part} for part in (numbers[~rows], *alone)]

    def look_inside(self, kinds: Sequence[str], numbers: Settings) -> None:
        """Add the points that the guards and thresholds of function and claims point to."""
        if not self.plan.domains or self.heres[0].output is None:
            return
        first = self.heres[0]
        graphs, leaves = _graphs(self.request, kinds, first, numbers)
        if self.plan.batched:
            white = self._white_batch(graphs, leaves)
        else:
            white = self._white(graphs, leaves, numbers)
        rest = self._points
        self._points = itertools.chain(itertools.islice(rest, FIRST - 1), _turns(white, rest))

    def _white_batch(self, graphs: list[Node], leaves: Point) -> Iterator[Point]:
        ((name, domain),) = self.plan.domains.items()
        point = dict(self.heres[0].point)
        fixed = {k: v for k, v in leaves.items() if k != name}
        found = white_numbers(graphs, name, np.asarray(point[name]), domain,
                              seed=self.request.seed, fixed=fixed)
        grid = np.asarray(point[name])
        turns, more = branch_numbers(graphs, name, grid, domain, seed=self.request.seed,
                                     fixed=fixed)
        calm = np.concatenate([found, more])
        calm = calm[~np.isin(calm, turns)]
        if calm.size:
            yield {**point, name: unsigned(calm.astype(grid.dtype))}
        for number in turns[:MOST_TURNS]:
            yield {**point, name: unsigned(np.array([number], dtype=grid.dtype))}

    def _white(self, graphs: list[Node], leaves: Point, numbers: Settings) -> Iterator[Point]:
        starts = [{**leaves, **{k: np.asarray(v) for k, v in p.items()
                                if k in self.plan.domains}} for p in self.plan.points[:STARTS]]
        point = self.plan.points[0]
        seen: list[Point] = []
        for found in white_points(graphs, starts, self.plan.domains, numbers,
                                  seed=self.request.seed):
            seen.append({k: v for k, v in found.items() if k in self.plan.domains})
            yield {**point, **{k: unsigned(v) for k, v in seen[-1].items()}}
        for mixed in _mixed(seen, starts, numbers.points, self.request.seed):
            yield {**point, **mixed}


def _mixed(
    landed: list[Point], starts: list[Point], count: int, seed: int
) -> Iterator[Point]:
    """Join what single guards pointed to: entries drawn from several landings at once.

    A fault that shows only where two conditions hold together lies on no single guard's way.
    """
    pool = [p for p in landed if p]
    if len(pool) < 2:
        return
    random = np.random.default_rng([seed, 9])
    for _ in range(count):
        base = starts[int(random.integers(len(starts)))]
        mixed = {}
        for name in pool[0]:
            stacked = np.stack([np.ravel(p[name]) for p in pool])
            given = np.stack([np.ravel(s[name]) for s in starts])
            moved = ~(stacked[:, None, :] == given[None, :, :]).any(axis=1)
            chosen = np.ravel(np.array(base[name]))
            for entry in range(chosen.size):
                rows = np.flatnonzero(moved[:, entry])
                if rows.size and random.random() < MIXED:
                    chosen[entry] = stacked[int(random.choice(rows)), entry]
            mixed[name] = chosen.reshape(np.shape(base[name]))
        yield mixed


MIXED = 0.7  # chance of an entry to come from a landing: most, so that conditions meet


def _turns(one: Iterator[Point], other: Iterator[Point]) -> Iterator[Point]:
    """Yield from both in turns until both are used up."""
    for a, b in itertools.zip_longest(one, other):
        yield from (p for p in (a, b) if p is not None)


def _graphs(
    request: Request, kinds: Sequence[str], here: Here, numbers: Settings
) -> tuple[list[Node], Point]:
    """Return the graphs of function, claims and paths at `here`, and all leaves they need."""
    assert here.output is not None and here.road.lifted is not None
    graphs = [here.output, *(c.node for c in here.road.lifted.path)]
    leaves: Point = dict(here.leaves)
    for kind in kinds:
        try:
            found = here.known[kind] = outcome_at(request, kind, here, numbers)
        except (WrongShape, VerifierError):
            continue
        graphs.extend(found.nodes.values())
        leaves.update(found.leaves)
        if found.road is not None and found.road.lifted is not None:
            graphs.extend(c.node for c in found.road.lifted.path)
    return graphs, leaves
