"""How far does a claimed Hessian agree, entry by entry? The data of its heat map."""

from __future__ import annotations

import numpy as np

from ..plotted import Matrix
from ..readers.roundoff import floats
from .agreement import AGREE, DISJOINT, EXPLAINED
from .inspect_newton import at
from .outcome import Outcome

Array = np.ndarray
LARGEST = 64  # rows of a matrix that is drawn
EVERY = 17.0  # digits beyond which a double has none to lose


def hessian_plot(found: Outcome) -> Matrix | None:
    """Return the true Hessian with the digits that the claim shares with it, None for others."""
    if found.kind != "hessian" or not found.truth or not found.agreement:
        return None
    names = list(found.here.wrt)
    sizes = [found.here.leaves[k].size for k in names]
    if not 0 < sum(sizes) <= LARGEST:
        return None
    labels = [[f"{a},{b}" if len(names) > 1 else a for b in names] for a in names]
    if any(x not in found.truth or x not in found.agreement for row in labels for x in row):
        return None
    truth = _whole([[floats(found.truth[x]) for x in row] for row in labels], sizes)
    digits = _whole([[_digits(found, x) for x in row] for row in labels], sizes)
    return Matrix(blocks=tuple(zip(names, sizes, strict=True)), where=at(found.here),
                  values=tuple(float(f"{v:.6g}") for v in truth.ravel()),
                  digits=tuple(float(f"{v:.3g}") for v in digits.ravel()))


def fewer(old: Matrix | None, new: Matrix | None) -> Matrix | None:
    """Return the one of two plots whose worst entry agrees in fewer digits; the older of equals."""
    if old is None or new is None:
        return new if old is None else old
    return new if _worst(new) < _worst(old) else old


def _worst(plot: Matrix) -> float:
    return float(np.nanmin(plot.digits)) if not np.isnan(plot.digits).all() else np.inf


def _whole(blocks: list[list[Array]], sizes: list[int]) -> Array:
    """Join blocks of one row and one column for each argument."""
    return np.block([[np.asarray(v, dtype=float).reshape(a, b)
                      for v, b in zip(row, sizes, strict=True)]
                     for row, a in zip(blocks, sizes, strict=True)])


def _digits(found: Outcome, label: str) -> Array:
    """Return decimal digits of agreement: inf where all, nan where nothing was compared."""
    told = found.agreement[label]
    with np.errstate(all="ignore"):
        digits = -np.log10(told.gap / told.truth)
    digits = np.where(told.gap == 0, np.inf, np.clip(np.nan_to_num(digits, nan=0.0), 0.0, None))
    digits = np.where(digits >= EVERY, np.inf, digits)
    return np.where(np.isin(told.code, (AGREE, EXPLAINED, DISJOINT)), digits, np.nan)
