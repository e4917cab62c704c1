"""Which numpy functions are written as other numpy functions of traced values?"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from .indexing import settled_key
from .operands import plain
from .trace import Trace

Composition = Callable[..., Any]


def _diff(a: Any, n: int = 1, axis: int = -1, prepend: Any = None, append: Any = None) -> Any:
    ends = [
        e if e is None or np.ndim(e) else np.broadcast_to(e, _thin(a, axis))
        for e in (prepend, append)
    ]
    parts = [p for p in (ends[0], a, ends[1]) if p is not None]
    out = np.concatenate(parts, axis) if len(parts) > 1 else a
    for _ in range(n):
        before = (slice(None),) * (axis % out.ndim)
        out = out[(*before, slice(1, None))] - out[(*before, slice(None, -1))]
    return out


def _thin(a: Any, axis: int) -> tuple[int, ...]:
    shape = list(a.shape)
    shape[axis] = 1
    return tuple(shape)


def _gradient(f: Any, *spacing: Any, axis: Any = None, edge_order: int = 1) -> Any:
    if (
        len(spacing) > 1
        or (spacing and np.ndim(spacing[0]))
        or edge_order != 1
        or (axis is None and f.ndim > 1)
    ):
        raise TypeError("np.gradient is lifted along one axis with even spacing")
    step, place = spacing[0] if spacing else 1.0, (axis or 0) % f.ndim
    g = np.moveaxis(f, place, 0)
    inner = (g[2:] - g[:-2]) / (2.0 * step)
    out = np.concatenate([(g[1:2] - g[:1]) / step, inner, (g[-1:] - g[-2:-1]) / step])
    return np.moveaxis(out, 0, place)


def _trapezoid(y: Any, x: Any = None, dx: Any = 1.0, axis: int = -1) -> Any:
    width = dx if x is None else np.diff(x, axis=-1 if np.ndim(x) == 1 else axis)
    if x is not None and np.ndim(x) == 1:
        shape = [1] * y.ndim
        shape[axis] = -1
        width = np.reshape(width, shape)
    before = (slice(None),) * (axis % y.ndim)
    pairs = y[(*before, slice(1, None))] + y[(*before, slice(None, -1))]
    return (width * pairs / 2.0).sum(axis)


def _interp(
    x: Any, xp: Any, fp: Any, left: Any = None, right: Any = None, period: Any = None
) -> Any:
    if period is not None:
        raise TypeError("np.interp is lifted without period")
    last = len(plain(xp)) - 1
    place = np.clip(np.searchsorted(xp, x, "right") - 1, 0, last - 1)
    xs, fs = (v if hasattr(v, "shape") else np.asarray(v) for v in (xp, fp))
    slope = (fs[place + 1] - fs[place]) / (xs[place + 1] - xs[place])
    inside = fs[place] + slope * (x - xs[place])
    low = np.where(x < xs[0], fs[0] if left is None else left, inside)
    return np.where(x > xs[last], fs[last] if right is None else right, low)


def _polyval(p: Any, x: Any) -> Any:
    out: Any = 0.0
    for coefficient in p:
        out = out * x + coefficient
    return out


def _linspace(
    start: Any,
    stop: Any,
    num: int = 50,
    endpoint: bool = True,
    retstep: bool = False,
    dtype: Any = None,
    axis: int = 0,
    *,
    device: Any = None,
) -> Any:
    steps = max(num - 1 if endpoint else num, 1)
    count = np.arange(num, dtype="float64").reshape((num,) + (1,) * np.ndim(plain(start - stop)))
    out = start + count * ((stop - start) / steps)
    return out if axis == 0 else np.moveaxis(out, 0, axis)


def _isclose(
    a: Any, b: Any, rtol: float = 1e-5, atol: float = 1e-8, equal_nan: bool = False
) -> Any:
    close = np.abs(a - b) <= atol + rtol * np.abs(b)
    close = (close & np.isfinite(b)) | (a == b)
    return close | (np.isnan(a) & np.isnan(b)) if equal_nan else close


def _allclose(
    a: Any, b: Any, rtol: float = 1e-5, atol: float = 1e-8, equal_nan: bool = False
) -> Any:
    return bool(np.all(_isclose(a, b, rtol, atol, equal_nan)))


def _array_equal(a1: Any, a2: Any, equal_nan: bool = False) -> Any:
    return np.shape(a1) == np.shape(a2) and bool(np.all(a1 == a2))


def _piecewise(x: Any, condlist: Any, funclist: Any, *args: Any, **options: Any) -> Any:
    """Assign piece after piece by masks, the way numpy does, but without deciding the masks."""
    flat = x.reshape(-1)
    single = np.ndim(plain(condlist)) == 0 or (np.ndim(plain(condlist[0])) == 0 and x.ndim != 0)
    masks = [np.reshape(c, -1) for c in ([condlist] if single else condlist)]
    if len(funclist) == len(masks) + 1:
        rest = masks[0]
        for mask in masks[1:]:
            rest = rest | mask
        masks.append(~rest)
    out = np.zeros_like(flat)
    for mask, piece in zip(masks, funclist, strict=True):
        out[mask] = piece(flat[mask], *args, **options) if callable(piece) else piece
    return out.reshape(x.shape)


def _along_axis(func1d: Any, axis: int, arr: Any, *args: Any, **options: Any) -> Any:
    rows = np.moveaxis(arr, axis, -1)
    first = rows.shape[:-1]
    parts = [func1d(rows[place], *args, **options) for place in np.ndindex(*first)]
    out = np.stack(parts)
    out = out.reshape((*first, *out.shape[1:]))
    extra = out.ndim - len(first)
    return (
        np.moveaxis(
            out, range(len(first), out.ndim), range(axis % arr.ndim, axis % arr.ndim + extra)
        )
        if extra
        else out
    )


def _over_axes(func: Any, a: Any, axes: Any) -> Any:
    for axis in np.atleast_1d(axes):
        a = np.expand_dims(func(a, int(axis)), int(axis))
    return a


def _cov(
    m: Any,
    y: Any = None,
    rowvar: bool = True,
    bias: bool = False,
    ddof: int | None = None,
    **options: Any,
) -> Any:
    if y is not None or options.get("fweights") is not None or options.get("aweights") is not None:
        raise TypeError("np.cov is lifted for one array without weights")
    rows = np.atleast_2d(m) if rowvar or m.ndim == 1 else m.T
    apart = rows - rows.mean(axis=1, keepdims=True)
    free = (0 if bias else 1) if ddof is None else ddof
    return ((apart @ apart.T) / (rows.shape[1] - free)).squeeze()


def _corrcoef(x: Any, y: Any = None, rowvar: bool = True) -> Any:
    both = x if y is None else np.vstack([x, y])
    covariance = _cov(both, rowvar=rowvar)
    scale = np.sqrt(np.diag(covariance))
    return covariance / scale[:, None] / scale[None, :]


def _fill_diagonal(a: Any, val: Any, wrap: bool = False) -> None:
    places = np.arange(min(a.shape))
    a[(places,) * a.ndim] = val


def _copyto(dst: Any, src: Any, casting: str = "same_kind", where: Any = True) -> None:
    dst[...] = src if where is True else np.where(where, src, dst)


def _put(a: Any, ind: Any, v: Any, mode: str = "raise") -> None:
    flat = a.reshape(-1)
    places = np.asarray(settled_key(a.tape, ind))
    flat[places] = np.resize(v, places.shape) if np.ndim(v) else v


def _putmask(a: Any, mask: Any, values: Any) -> None:
    a[...] = np.where(mask, np.resize(values, a.shape) if np.ndim(values) else values, a)


def _place(arr: Any, mask: Any, vals: Any) -> None:
    arr[mask] = vals


def _put_along(arr: Any, indices: Any, values: Any, axis: int | None) -> None:
    target, place = (arr.reshape(-1), 0) if axis is None else (arr, axis)
    places = settled_key(arr.tape, indices)
    index = list(np.indices(places.shape, sparse=True))
    index[place] = places
    target[tuple(index)] = values


def run(trace: Trace, function: Composition, args: Any, options: dict[str, Any]) -> Any:
    """Return ``function(*args)`` through its composition, with numpy's own computed value."""
    composition = COMPOSITIONS[function]
    try:
        return composition(*args, **options)
    except TypeError as failure:
        raise trace.refuse(f"np.{function.__name__}: {failure}") from failure


IN_PLACE: Mapping[Callable[..., Any], Composition] = {
    np.fill_diagonal: _fill_diagonal,
    np.copyto: _copyto,
    np.put: _put,
    np.putmask: _putmask,
    np.place: _place,
    np.put_along_axis: _put_along,
}
COMPOSITIONS: Mapping[Callable[..., Any], Composition] = {
    **IN_PLACE,
    np.diff: _diff,
    np.interp: _interp,
    np.polyval: _polyval,
    np.piecewise: _piecewise,
    np.linspace: _linspace,
    np.isclose: _isclose,
    np.allclose: _allclose,
    np.array_equal: _array_equal,
    np.apply_along_axis: _along_axis,
    np.gradient: _gradient,
    np.apply_over_axes: _over_axes,
    np.cov: _cov,
    np.corrcoef: _corrcoef,
    **{getattr(np, name): _trapezoid for name in ("trapezoid", "trapz") if hasattr(np, name)},
}
