"""The other checkers on the same network, each in a process of its own: `peers.py NAME SIZE COUNT`.

COUNT is how many components are checked (all where 0). Prints one line of JSON: the CPU seconds of
the check itself; a sample is run twice and the second run counts, as what only the first call costs
must not be extrapolated.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np
from mlp import data, gradient, loss, parameters

Check = Callable[[], Any]


def gradcheck(size: int, count: int, *, fast: bool) -> Check:
    """torch.autograd.gradcheck of a Function with the hand-written backward, in float64."""
    import torch

    fixed, start = data(size), parameters(size)
    X, y = torch.tensor(fixed["X"]), torch.tensor(fixed["y"])
    names = list(start)

    class Net(torch.autograd.Function):
        @staticmethod
        def forward(context: Any, *weights: Any) -> Any:
            context.save_for_backward(*weights)
            W1, b1, W2, b2, W3, b3 = weights
            z = torch.tanh(torch.tanh(X @ W1 + b1) @ W2 + b2) @ W3 + b3
            return torch.nn.functional.cross_entropy(z, y)

        @staticmethod
        def backward(context: Any, cotangent: Any) -> Any:
            weights = dict(zip(names, (w.numpy() for w in context.saved_tensors), strict=True))
            return tuple(cotangent * torch.tensor(g) for g in gradient(**weights, **fixed))

    weights = [torch.tensor(v) for v in start.values()]
    for weight in weights[4:5] if count else weights:  # a sample is W3
        weight.requires_grad_()
    return lambda: torch.autograd.gradcheck(Net.apply, weights, fast_mode=fast)


def check_grads(size: int, count: int) -> Check:
    """jax.test_util.check_grads of a custom_vjp with the hand-written backward, in float64."""
    import jax
    import jax.numpy as jnp
    from jax.test_util import check_grads as check

    jax.config.update("jax_enable_x64", True)
    fixed, start = data(size), parameters(size)
    shapes = [jax.ShapeDtypeStruct(v.shape, v.dtype) for v in start.values()]

    @jax.custom_vjp
    def net(*weights: Any) -> Any:
        W1, b1, W2, b2, W3, b3 = weights
        z = jnp.tanh(jnp.tanh(fixed["X"] @ W1 + b1) @ W2 + b2) @ W3 + b3
        logp = jax.nn.log_softmax(z)
        return -jnp.mean(logp[jnp.arange(len(fixed["y"])), fixed["y"]])

    def backward(weights: Any, cotangent: Any) -> Any:
        def run(*arrays: Any) -> Any:
            values = dict(zip(start, map(np.asarray, arrays), strict=True))
            return gradient(**values, **fixed)

        parts = jax.pure_callback(run, tuple(shapes), *weights)
        return tuple(cotangent * part for part in parts)

    net.defvjp(lambda *weights: (net(*weights), weights), backward)
    values = [jnp.asarray(v) for v in start.values()]
    return lambda: check(net, values, order=1, modes=["rev"])


def numdifftools(size: int, count: int) -> Check:
    """numdifftools.Gradient of the user's loss, per component."""
    import numdifftools

    fixed, start = data(size), parameters(size)

    def run(values: np.ndarray) -> float:
        weights = dict(start)
        flat = np.concatenate([v.ravel() for v in start.values()])
        flat[: len(values)] = values
        at = 0
        for name, value in start.items():
            weights[name] = flat[at : at + value.size].reshape(value.shape)
            at += value.size
        return float(loss(**weights, **fixed))

    whole = np.concatenate([v.ravel() for v in start.values()])
    return lambda: numdifftools.Gradient(run)(whole[: count or len(whole)])


def mpmath_diff(size: int, count: int) -> Check:
    """mpmath.diff of the loss in mpmath numbers, per component (15 digits, its default)."""
    import mpmath

    mp, fixed, start = mpmath.mp, data(size), parameters(size)
    exact = np.frompyfunc(lambda v: mp.mpf(v), 1, 1)
    X = exact(fixed["X"]).tolist()
    weights = {k: exact(v) for k, v in start.items()}

    def layer(rows: list, name: str, number: str, curve: Any) -> list:
        columns = weights[name].T.tolist()
        bias = weights[number].tolist()
        return [[curve(mp.fdot(row, column) + b) for column, b in zip(columns, bias, strict=True)]
                for row in rows]  # fmt: skip

    def value() -> Any:
        h = layer(layer(X, "W1", "b1", mp.tanh), "W2", "b2", mp.tanh)
        z = layer(h, "W3", "b3", lambda v: v)
        rows = [mp.log(mp.fsum(map(mp.exp, row))) - row[k]
                for row, k in zip(z, fixed["y"].tolist(), strict=True)]  # fmt: skip
        return mp.fsum(rows) / len(rows)

    def component(place: int) -> Any:
        flat = weights["W1"].ravel()
        before = flat[place]

        def along(t: Any) -> Any:
            flat[place] = before + t
            return value()

        found = mp.diff(along, 0)
        flat[place] = before
        return found

    weights["W1"] = np.ascontiguousarray(weights["W1"])
    return lambda: [component(i) for i in range(count or weights["W1"].size)]


PEERS: dict[str, Callable[[int, int], Check]] = {
    "torch gradcheck, slow": lambda size, count: gradcheck(size, count, fast=False),
    "torch gradcheck, fast": lambda size, count: gradcheck(size, 0, fast=True),
    "jax check_grads": check_grads,
    "numdifftools, per component": numdifftools,
    "mpmath.diff, per component": mpmath_diff,
}
WHOLE = frozenset({"torch gradcheck, fast", "jax check_grads"})  # one random direction: no sampling


def main() -> None:
    name, size, count = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    try:
        check = PEERS[name](size, count)
    except ImportError as error:
        print(json.dumps({"absent": str(error)}))
        return
    if count:
        check()
    begun = time.process_time()
    check()
    print(json.dumps({"seconds": time.process_time() - begun}))


if __name__ == "__main__":
    main()
