"""Every numpy function the lift knows: graph and plain run agree, here and elsewhere."""

from __future__ import annotations

import numpy as np
import pytest

from .lifting import agree, nodes_in

A = np.array([[0.3, -1.2, 2.5, 0.7], [1.1, 0.4, -0.6, -2.2], [-0.9, 1.7, 0.2, 3.1]])
B = np.array([[1.3, 0.2, -0.5, 0.1], [0.6, -1.4, 0.9, 1.2], [2.1, -0.7, 1.6, -0.3]])
A2 = A + 0.05 * np.cos(np.arange(12)).reshape(3, 4)
B2 = B - 0.05 * np.sin(np.arange(12)).reshape(3, 4)
V = np.array([0.7, -0.4, 1.9, 0.2, -1.5])

UNARY = {
    "add": lambda x, y: x + y, "radd": lambda x, y: 2 + x, "rsub": lambda x, y: 1.5 - x,
    "mul": lambda x, y: x * y, "div": lambda x, y: x / y, "rdiv": lambda x, y: 1 / x,
    "pow2": lambda x, y: x**2, "pow3": lambda x, y: x**3, "pow": lambda x, y: np.abs(x) ** y,
    "rpow": lambda x, y: 2.0**x, "sqrtpow": lambda x, y: np.abs(x) ** 0.5,
    "inverse": lambda x, y: x**-1, "floordiv": lambda x, y: x // 0.37, "mod": lambda x, y: x % 0.7,
    "divmod": lambda x, y: divmod(x, 0.7), "neg": lambda x, y: -x, "abs": lambda x, y: abs(x),
    "matmul": lambda x, y: x @ y.T, "rmatmul": lambda x, y: np.ones((2, 3)) @ x,
    "compare": lambda x, y: (x > y) * x, "mask": lambda x, y: x * (x > 0) + 0.1 * x * (x <= 0),
    "notmask": lambda x, y: x * ~(x > 0), "andmask": lambda x, y: ((x > 0) & (y > 0)) * y,
    "onemask": lambda x, y: (1 - (x > 0)) * y, "intmask": lambda x, y: (x > 0).astype(int) * y,
    "floatmask": lambda x, y: (x > 0).astype(float) * y, "equalmask": lambda x, y: (x == y) * x,
    "tanh": lambda x, y: np.tanh(x), "exp": lambda x, y: np.exp(x), "sin": lambda x, y: np.sin(x),
    "log": lambda x, y: np.log(np.abs(x)), "log1p": lambda x, y: np.log1p(x * x),
    "sqrt": lambda x, y: np.sqrt(x * x + 1), "cbrt": lambda x, y: np.cbrt(x),
    "arctan2": lambda x, y: np.arctan2(x, y), "hypot": lambda x, y: np.hypot(x, y),
    "logaddexp": lambda x, y: np.logaddexp(x, y), "maximum": lambda x, y: np.maximum(x, 0),
    "minimum": lambda x, y: np.minimum(x, y), "fmax": lambda x, y: np.fmax(x, y),
    "sign": lambda x, y: np.sign(x) * y, "floor": lambda x, y: np.floor(x) + y,
    "rint": lambda x, y: np.rint(x) + y, "copysign": lambda x, y: np.copysign(x, y),
    "heaviside": lambda x, y: np.heaviside(x, 0.5) * y, "deg2rad": lambda x, y: np.deg2rad(x),
    "reciprocal": lambda x, y: np.reciprocal(x), "square": lambda x, y: np.square(x),
    "sinc": lambda x, y: np.sinc(x), "where": lambda x, y: np.where(x > 0, x, y),
    "wherestatic": lambda x, y: np.where(np.eye(3, 4) > 0, x, y), "clip": lambda x, y: x.clip(-1, 1),
    "clipnp": lambda x, y: np.clip(x, 0, None), "select": lambda x, y: np.select(
        [x > 1, x > 0], [x, y], 0.0), "nan": lambda x, y: np.nan_to_num(x),
    "round": lambda x, y: np.round(x, 1) * y, "isclose": lambda x, y: np.isclose(x, y) * x,
    "out": lambda x, y: np.add(x, y, out=np.empty((3, 4))),
    "wherearg": lambda x, y: np.divide(x, y, out=np.zeros((3, 4)), where=y > 0),
    "modf": lambda x, y: np.modf(x), "positive": lambda x, y: +x,
    "outerufunc": lambda x, y: np.subtract.outer(x[0], y[1]),
}
REDUCED = {
    "sum": lambda x, y: x.sum(), "sum0": lambda x, y: np.sum(x, 0),
    "sumkeep": lambda x, y: x.sum(axis=1, keepdims=True), "sumwhere": lambda x, y: np.sum(
        x, where=np.eye(3, 4) > 0), "mean": lambda x, y: x.mean(1), "var": lambda x, y: x.var(0),
    "varddof": lambda x, y: np.var(x, ddof=1), "std": lambda x, y: x.std(axis=1, keepdims=True),
    "prod": lambda x, y: x.prod(), "prod1": lambda x, y: np.prod(x, axis=1),
    "max": lambda x, y: x.max(), "max1": lambda x, y: x.max(axis=1, keepdims=True),
    "min": lambda x, y: np.min(x, axis=0), "maxboth": lambda x, y: np.max(x, axis=(0, 1)),
    "ptp": lambda x, y: np.ptp(x, axis=0), "cumsum": lambda x, y: np.cumsum(x, axis=1),
    "cumsumflat": lambda x, y: x.cumsum(), "cumprod": lambda x, y: np.cumprod(x, axis=0),
    "average": lambda x, y: np.average(x, axis=1, weights=[1, 2, 3, 4]),
    "median": lambda x, y: np.median(x), "median0": lambda x, y: np.median(x, axis=0),
    "median1": lambda x, y: np.median(x, axis=1, keepdims=True),
    "percentile": lambda x, y: np.percentile(x, 30), "quantiles": lambda x, y: np.quantile(
        x, [0.1, 0.5, 0.9], axis=1), "sort": lambda x, y: np.sort(x, axis=0),
    "sortflat": lambda x, y: np.sort(x, axis=None),
    "reduce": lambda x, y: np.maximum.reduce(x, axis=1), "addreduce": lambda x, y: np.add.reduce(x),
    "logaddreduce": lambda x, y: np.logaddexp.reduce(x, axis=1),
    "accumulate": lambda x, y: np.maximum.accumulate(x, axis=1),
    "addaccumulate": lambda x, y: np.add.accumulate(x, axis=1),
    "count": lambda x, y: np.count_nonzero(x > 0) * y, "countsum": lambda x, y: (x > 0).sum() * y,
    "nansum": lambda x, y: np.nansum(x, axis=1), "nanmean": lambda x, y: np.nanmean(x),
    "norm": lambda x, y: np.linalg.norm(x), "norm1": lambda x, y: np.linalg.norm(x, 1, axis=1),
    "norminf": lambda x, y: np.linalg.norm(x, np.inf, axis=0),
    "norm3": lambda x, y: np.linalg.norm(x, 3, axis=1), "matrixnorm1": lambda x, y: np.linalg.norm(
        x, 1), "matrixnorminf": lambda x, y: np.linalg.norm(x, np.inf),
    "maxinitial": lambda x, y: np.max(x, initial=0.0), "anymask": lambda x, y: (x > 2).any() * y,
    "allmask": lambda x, y: np.all(x > -3, axis=1)[:, None] * y,
    "takealong": lambda x, y: np.take_along_axis(y, np.argsort(x, axis=1), axis=1),
    "argmaxalong": lambda x, y: np.take_along_axis(y, x.argmax(1)[:, None], 1),
}
PRODUCTS = {
    "dot": lambda x, y: x.dot(y.T), "dotvector": lambda x, y: np.dot(x[0], y[1]),
    "vdot": lambda x, y: np.vdot(x, y), "inner": lambda x, y: np.inner(x, y),
    "outer": lambda x, y: np.outer(x[0], y[1]), "tensordot": lambda x, y: np.tensordot(
        x, y, axes=([0, 1], [0, 1])), "tensordot1": lambda x, y: np.tensordot(x.T, y, 1),
    "tensordot0": lambda x, y: np.tensordot(x, y[0], 0), "kron": lambda x, y: np.kron(x, y[:2, :2]),
    "cross": lambda x, y: np.cross(x[:, :3], y[:, 1:]), "trace": lambda x, y: np.trace(x),
    "ein1": lambda x, y: np.einsum("ij,kj->ik", x, y), "ein2": lambda x, y: np.einsum("ij->j", x),
    "ein3": lambda x, y: np.einsum("ij,ij->i", x, y), "ein4": lambda x, y: np.einsum("ij,ij", x, y),
    "ein5": lambda x, y: np.einsum("ii->i", x[:, :3]), "ein6": lambda x, y: np.einsum("ij->ji", x),
    "ein7": lambda x, y: np.einsum("...j,kj->...k", x, y),
    "ein8": lambda x, y: np.einsum("ij,jk,kl->il", x, y.T, x), "ein9": lambda x, y: np.einsum(
        "i,j->ij", x[0], y[0]), "ein10": lambda x, y: np.einsum("bij,bjk->bik", x[None].repeat(
            2, 0), y.T[None].repeat(2, 0)), "ein11": lambda x, y: np.einsum(x, [0, 1], y, [2, 1]),
    "ein12": lambda x, y: np.einsum("ii", x[:, :3]), "ein13": lambda x, y: np.einsum(
        "ij,jk", x, y.T), "multi": lambda x, y: np.linalg.multi_dot([x, y.T, x]),
    "matrixpower": lambda x, y: np.linalg.matrix_power(x[:, :3], 3),
    "convolve": lambda x, y: np.convolve(x[0], y[0, :2]), "convolvesame": lambda x, y: np.convolve(
        x[0], y[0, :3], "same"), "convolvevalid": lambda x, y: np.convolve(x[0], y[0, :2], "valid"),
    "correlate": lambda x, y: np.correlate(x[0], y[0, :2]), "vectormatrix": lambda x, y: x[0] @ y.T,
    "batched": lambda x, y: np.matmul(np.stack([x, y]), np.stack([y.T, x.T])),
    "solve": lambda x, y: np.linalg.solve(x[:, :3] + 4 * np.eye(3), y),
    "solvevector": lambda x, y: np.linalg.solve(x[:, :3] + 4 * np.eye(3), y[:, 0]),
    "inv": lambda x, y: np.linalg.inv(x[:, :3]), "det": lambda x, y: np.linalg.det(x[:, :3]),
    "slogdet": lambda x, y: np.linalg.slogdet(x[:, :3])[1],
    "slogdetsign": lambda x, y: np.linalg.slogdet(x[:, :3]).sign * y,
}
MOVED = {
    "reshape": lambda x, y: x.reshape(2, 6), "reshapeF": lambda x, y: x.reshape(6, 2, order="F"),
    "ravel": lambda x, y: x.ravel(), "ravelT": lambda x, y: x.T.ravel(), "T": lambda x, y: x.T,
    "flatten": lambda x, y: x.T.flatten(), "swapaxes": lambda x, y: x.swapaxes(0, 1),
    "transpose3": lambda x, y: x.reshape(2, 3, 2).transpose(2, 0, 1), "squeeze": lambda x, y: x[
        None].squeeze(), "moveaxis": lambda x, y: np.moveaxis(x.reshape(2, 3, 2), 0, -1),
    "expand": lambda x, y: np.expand_dims(x, 1), "broadcast": lambda x, y: np.broadcast_to(
        x, (2, 3, 4)), "broadcastarrays": lambda x, y: np.broadcast_arrays(x, y[0]),
    "stack": lambda x, y: np.stack([x, y], axis=1), "vstack": lambda x, y: np.vstack([x, y]),
    "hstack": lambda x, y: np.hstack((x, y)), "dstack": lambda x, y: np.dstack([x, y]),
    "columns": lambda x, y: np.column_stack([x[:, 0], y]), "concatenate": lambda x, y:
        np.concatenate([x, y, np.ones((3, 2))], axis=1), "append": lambda x, y: np.append(x, 3.0),
    "appendrow": lambda x, y: np.append(x, y[:1], axis=0), "split": lambda x, y: np.split(x, 2, 1),
    "arraysplit": lambda x, y: np.array_split(x, 2), "vsplit": lambda x, y: np.vsplit(x, 3),
    "hsplit": lambda x, y: np.hsplit(x, 2), "pad": lambda x, y: np.pad(x, 1),
    "padvalue": lambda x, y: np.pad(x, ((0, 0), (1, 2)), constant_values=2.5),
    "padedge": lambda x, y: np.pad(x, 2, mode="edge"), "padreflect": lambda x, y: np.pad(
        x, 1, "reflect"), "tile": lambda x, y: np.tile(x, (2, 3)),
    "repeat": lambda x, y: x.repeat(2, axis=0), "repeats": lambda x, y: np.repeat(x, [1, 2, 0], 0),
    "roll": lambda x, y: np.roll(x, 1, axis=1), "flip": lambda x, y: np.flip(x),
    "flipud": lambda x, y: np.flipud(x), "rot90": lambda x, y: np.rot90(x),
    "take": lambda x, y: np.take(x, [2, 0, 0], axis=1), "compress": lambda x, y: np.compress(
        [True, False, True], x, axis=0), "delete": lambda x, y: np.delete(x, 1, axis=0),
    "insert": lambda x, y: np.insert(x, 1, 5.0, axis=1), "diag": lambda x, y: np.diag(x[0]),
    "diagof": lambda x, y: np.diag(x[:, :3]), "diagonal": lambda x, y: x.diagonal(1),
    "tril": lambda x, y: np.tril(x), "triu": lambda x, y: np.triu(x, 1), "choose": lambda x, y:
        np.choose([0, 1, 1, 0], [x[0], y[0]]), "diff": lambda x, y: np.diff(x, axis=1),
    "diff2": lambda x, y: np.diff(x, 2), "meshgrid": lambda x, y: np.meshgrid(x[0], y[0]),
    "atleast": lambda x, y: np.atleast_2d(x[0]), "copy": lambda x, y: np.copy(x),
    "windows": lambda x, y: np.lib.stride_tricks.sliding_window_view(x, (2, 2)),
    "strided": lambda x, y: np.lib.stride_tricks.as_strided(x, (2, 2, 2), (32, 8, 8)),
    "block": lambda x, y: np.block([[x, y], [y, x]]), "array": lambda x, y: np.array(
        [x[0, 0], 1.0, y[0, 1]]), "arraynested": lambda x, y: np.array([[x[0, 0], 1], [y[1, 1], 2]]),
    "arrayrows": lambda x, y: np.array([x[0], y[1]]), "c_": lambda x, y: np.c_[x, np.ones(3)],
    "r_": lambda x, y: np.r_[x[0], 1.0, y[0]], "real": lambda x, y: x.real + x.imag,
    "applyalong": lambda x, y: np.apply_along_axis(lambda r: r - r.max(), 1, x),
    "applysum": lambda x, y: np.apply_along_axis(np.sum, 0, x), "interp": lambda x, y: np.interp(
        x, [-3, 0, 1, 4], [0.0, 1.0, -1.0, 2.0]), "trapezoid": lambda x, y: np.trapezoid(x, dx=0.1)
        if hasattr(np, "trapezoid") else np.trapz(x, dx=0.1),
    "gradient": lambda x, y: np.gradient(x[0], 0.5), "polyval": lambda x, y: np.polyval([1, 2, 3], x),
    "linspace": lambda x, y: np.linspace(x[0, 0], y[0, 0], 5), "cov": lambda x, y: np.cov(x),
    "full": lambda x, y: np.full((2, 2), x[0, 0]), "full_like": lambda x, y: np.full_like(x, y[0, 0]),
    "zeros_like": lambda x, y: np.zeros_like(x) + y, "fliplr": lambda x, y: np.fliplr(x),
    "onehot": lambda x, y: np.eye(4)[[0, 2, 1]] * x, "flat": lambda x, y: [v for v in x.flat],
    "digitize": lambda x, y: np.digitize(x, [-1.0, 0.0, 1.0]) * y,
    "searchsorted": lambda x, y: np.array([1.0, 2, 3, 4])[np.searchsorted(x[0].cumsum() * 0 + [
        1, 2, 3, 4], 2.5)] * y,
    "nonzero": lambda x, y: y[np.nonzero(x > 0)], "flatnonzero": lambda x, y: y.ravel()[
        np.flatnonzero(x > 1)], "argwhere": lambda x, y: [y[i, j] for i, j in np.argwhere(x > 1)],
    "ndenumerate": lambda x, y: sum(v * (i + j) for (i, j), v in np.ndenumerate(x)),
    "partition": lambda x, y: np.partition(x[0], 1)[:2].sum(), "resize": lambda x, y: np.resize(
        x, (5, 3)), "unstack": lambda x, y: [r * 2 for r in x], "len": lambda x, y: x / len(x),
    "vectorize": lambda x, y: np.vectorize(lambda t: t * t if t > 0 else -t)(x),
    "frompyfunc": lambda x, y: np.frompyfunc(lambda t: t * t + 1, 1, 1)(x).astype(float),
    "vander": lambda x, y: np.vander(x[0], 3), "polyroots": lambda x, y: np.ediff1d(x[0]),
}
CASES = {**UNARY, **REDUCED, **PRODUCTS, **MOVED}


@pytest.mark.parametrize("name", CASES)
def test_graph_and_plain_run_agree(name):
    function = CASES[name]
    lifted = agree(lambda d: function(d["x"], d["y"]), {"x": A, "y": B}, {"x": A2, "y": B2})
    assert nodes_in(lifted.output)


@pytest.mark.parametrize("name", CASES)
def test_every_new_node_says_where_it_came_from(name):
    from verifier.graph.order import topological

    function = CASES[name]
    lifted = agree(lambda d: function(d["x"], d["y"]), {"x": A, "y": B})
    for node in topological(nodes_in(lifted.output)):
        if node.op not in ("input", "constant"):
            assert node.origin is not None and node.origin.file == __file__, node
    assert not lifted.pinned
