"""One number out of a batch: an elementwise function is shown at the entry that matters alone."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ..errors import VerifierError
from ..settings import settings_for
from .lifting import take_road
from .observe import observe
from .outcome import Outcome, outcome_at
from .request import Request
from .subject import Here, output_node

BATCHED = frozenset({"derivative", "second_derivative"})
Index = tuple[int, ...]


def focus(request: Request, found: Outcome, label: str, index: Index) -> tuple[Outcome, Index]:
    """Return the outcome at that entry alone, and the entry's index there.

    The whole outcome comes back where it is no batch, or where the entry alone does not compute
    the same bits with the same outcome.
    """
    here = found.here
    if found.kind not in BATCHED or here.value.ndim != 1 or here.value.size < 2:
        return found, index
    try:
        single = outcome_at(request, found.kind, _alone(request, here, label, index),
                            settings_for(request.effort))
    except VerifierError:
        return found, index
    return (single, (0,)) if _alike(found, single, label, index) else (found, index)


def _alone(request: Request, here: Here, label: str, index: Index) -> Here:
    size = here.leaves[label].shape
    cut = slice(index[0], index[0] + 1)
    leaves = {k: v[cut] if v.shape == size else v for k, v in here.leaves.items()}
    observed = observe(here.program, leaves)
    value = np.asarray(observed.value)
    road = take_road(here.program, leaves, observed.value, opaque=request.opaque, join=True)
    return replace(here, leaves=leaves, observed=observed, value=value, road=road,
                   output=output_node(road, value))


def _alike(found: Outcome, single: Outcome, label: str, index: Index) -> bool:
    if label not in single.computed or single.computed[label].shape != (1,):
        return False
    pair = found.computed[label][index], single.computed[label][0]
    same = pair[0] == pair[1] or (np.isnan(pair[0]) and np.isnan(pair[1]))
    codes = [f.agreement[label].code[i] if label in f.agreement else None
             for f, i in ((found, index), (single, (0,)))]
    return bool(same) and codes[0] == codes[1]
