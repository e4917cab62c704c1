"""The engine on the network, stage by stage: `stages.py SIZE` prints CPU seconds as JSON."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np
from by_hand import gradient_by_hand
from mlp import data, gradient, loss, parameters

import verifier as vf
from verifier.frontends.from_numpy.lift import lift
from verifier.frontends.lifted import leaves_of
from verifier.numerals.balls import Balls, precision
from verifier.oracles.finite_difference import finite_difference
from verifier.oracles.line import line
from verifier.oracles.mpmath_difference import mpmath_difference
from verifier.readers.rounding import budget
from verifier.readers.slope import slope
from verifier.readers.value import read

BITS = 128
TRUTH = "truth in balls (the engine's gradient)"
WHOLE = "vf.verify, everything"
HAND = "the same gradient by hand, arb_mat"


def clock(work: Callable[[], Any], repeat: int = 1) -> tuple[float, Any]:
    """Return (least CPU seconds of `repeat` runs, the last result)."""
    seconds = []
    for _ in range(repeat):
        begun = time.process_time()
        result = work()
        seconds.append(time.process_time() - begun)
    return min(seconds), result


def stages(size: int) -> dict[str, float]:
    """Return CPU seconds of each stage on the correct gradient, and of the whole."""
    leaves, fixed, took = parameters(size), data(size), {}
    direction = {k: np.where(np.arange(v.size).reshape(v.shape) % 3 == 1, -1.0, 1.0)
                 for k, v in leaves.items()}  # fmt: skip
    took["lift (function and claim)"], lifted = clock(lambda: (
        lift(lambda p: loss(**p, **fixed), leaves), lift(lambda p: gradient(**p, **fixed), leaves)
    ))  # fmt: skip
    function, claim = lifted
    output = function.output
    claimed = [node for _, node in leaves_of(claim.output)]

    def balls(nodes: Callable[[], Any]) -> Callable[[], Any]:
        def work() -> Any:
            with precision(BITS):
                return read(nodes(), leaves, Balls(BITS))

        return work

    repeat = 5 if size < 10_000 else 2
    took[TRUTH], _ = clock(balls(lambda: slope(output, list(function.inputs.values()))), repeat)
    took["claim in balls"], reading = clock(balls(lambda: claimed), repeat)
    took["budget of the claim"], _ = clock(lambda: budget(claimed, reading))
    run = line(lambda p: loss(**p, **fixed), leaves, direction)
    took["finite differences, one direction"], _ = clock(
        lambda: finite_difference(run.along, dtype=run.dtype, scale=run.scale)
    )
    took["mpmath differences, one direction"], _ = clock(
        lambda: mpmath_difference(output, leaves, direction)
    )
    took[WHOLE], report = clock(lambda: vf.verify(
        loss, at={**leaves, **fixed}, wrt=list(leaves), gradient=gradient, budget=600))  # fmt: skip
    if report.verdict is not vf.Verdict.PASSED:
        raise SystemExit(f"the correct gradient did not pass at {size}:\n{report}")
    took[HAND], _ = clock(lambda: gradient_by_hand(**leaves, **fixed, bits=BITS), repeat)
    return took


def main() -> None:
    vf.verify(np.tanh, derivative=lambda x: 1 - np.tanh(x) ** 2)  # imports are no stage's cost
    print(json.dumps(stages(int(sys.argv[1]))))


if __name__ == "__main__":
    main()
