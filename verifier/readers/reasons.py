"""Why is a composition smooth? One sentence for each kind of row on the way from x to f."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from ..graph.node import Node
from ..graph.order import depends_on, topological
from ..primitives.table import SCALARS
from .guards import Guard, guards_of
from .scalar_cells import counted

SUMS = frozenset({"add", "subtract", "negative", "multiply", "square"})
CLOSING = "compositions of analytic functions are analytic: the n-th derivative exists for every n"


def chain(
    output: Node, cells: int, moved: Iterable[Node] | None = None,
    proved: Collection[Guard] | None = None, order: int | None = None,
) -> tuple[str, ...]:
    """Return the reasons; `proved` are the guards shown to keep a sign, None: all of them.

    Rows that do not depend on `moved` are constants. A guard that is not in `proved` is smooth
    enough of itself, up to `order`.
    """
    moving = None if moved is None else depends_on([output], moved)
    analytic: dict[str, None] = {}
    guarded: dict[str, None] = {}
    itself: dict[str, None] = {}
    guards = {g.owner: g for g in guards_of((output,))}
    sums = False
    for node in topological([output]):
        if moving is not None and node not in moving:
            continue
        guard = guards.get(node)
        if guard is not None and proved is not None and guard not in proved:
            itself[node.op] = None
        elif guard is not None:
            guarded[node.op] = None
        elif node.op in SUMS or node.op in ("sum", "matmul"):
            sums = True
        elif node.op in SCALARS:
            analytic[node.op] = None
    return (*_plain([a for a in analytic if a not in guarded], sums), *_guarded(guarded, cells),
            *_itself(itself, order), *(() if itself else (CLOSING,)))


def _plain(names: list[str], sums: bool) -> tuple[str, ...]:
    said = []
    if names:
        said.append(f"{_listed(names)} {'is' if len(names) == 1 else 'are'} analytic")
    if sums:
        said.append("sums and products are analytic")
    return (", ".join(said),) if said else ()


def _guarded(names: Iterable[str], cells: int) -> tuple[str, ...]:
    where = "on 1 cell" if cells == 1 else f"on each of {counted(cells, 'cell')}"
    return tuple(f"{name} is analytic where its guard is not 0, which is proved {where}"
                 for name in names)


def _itself(names: Iterable[str], order: int | None) -> tuple[str, ...]:
    return tuple(f"what is made of {name} is {'C^' + str(order) if order is not None else 'smooth'}"
                 " where its guard is 0 too" for name in names)


def _listed(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
