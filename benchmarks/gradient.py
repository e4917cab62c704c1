"""What does verifying a gradient cost? One run, one table: CPU seconds by stage, beside the peers.

    python benchmarks/gradient.py [--size 1000 ...] [--peers none] [--json FILE]

CPU seconds are `time.process_time` of the process that does the work, all its threads. Each peer
runs in a process of its own, stopped after CAP seconds of CPU; one that goes component by component
is first measured on a few, and where the whole would pass CAP that sample is extrapolated and
marked with a tilde. A peer that is not installed is shown as absent.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from by_hand import gradient_by_hand
from mlp import BATCH, LAYERS, count, data, gradient, loss, parameters
from peers import PEERS, WHOLE

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
CAP = 180.0  # CPU seconds of one peer at one size
SAMPLE = {1_000: 64, 10_000: 16, 100_000: 4}
HAND = "the same gradient by hand, arb_mat"
TRUTH = "truth in balls (the engine's gradient)"
WHOLE_CHECK = "vf.verify, everything"
SLOW = "torch gradcheck, slow"
Row = dict[str, Any]


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
    took[WHOLE_CHECK], report = clock(lambda: vf.verify(
        loss, at={**leaves, **fixed}, wrt=list(leaves), gradient=gradient, budget=600))  # fmt: skip
    if report.verdict is not vf.Verdict.PASSED:
        raise SystemExit(f"the correct gradient did not pass at {size}:\n{report}")
    took[HAND], _ = clock(lambda: gradient_by_hand(**leaves, **fixed, bits=BITS), repeat)
    return took


def peer(name: str, size: int, components: int) -> Row:
    """Run one peer on `components` components (0: all) in a process capped in CPU seconds."""
    limit = int(CAP) + 30
    command = [sys.executable, str(Path(__file__).with_name("peers.py")), name, str(size),
               str(components)]  # fmt: skip
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=4 * limit, check=False,
            preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_CPU, (limit, limit)),
        )  # fmt: skip
        return dict(json.loads(done.stdout.splitlines()[-1]))
    except subprocess.TimeoutExpired:
        return {"cut": limit}
    except (IndexError, ValueError):
        if done.returncode < 0:
            return {"cut": limit}
        last = done.stderr.strip().splitlines()
        return {"failed": last[-1] if last else f"exit code {done.returncode}"}


def peer_row(name: str, size: int) -> Row:
    """Return the CPU seconds of one peer, extrapolated from a sample where the whole is dear."""
    whole = count(size)
    if name in WHOLE:
        return peer(name, size, 0)
    sample = SAMPLE[size] if "mpmath" not in name else 1
    if name == SLOW:
        sample = 200
    found = peer(name, size, sample)
    if "seconds" not in found:
        return found
    predicted = found["seconds"] * whole / sample
    if predicted <= CAP:
        return peer(name, size, 0)
    return {"seconds": predicted, "extrapolated": f"{sample} of {whole:,} components"}


def table(sizes: list[int], rows: dict[str, dict[int, Row]]) -> str:
    """Return the Markdown table and the two ratios that must hold."""
    heads = [f"{count(size):,} parameters" for size in sizes]
    lines = [f"| CPU seconds, batch {BATCH} | " + " | ".join(heads) + " |",
             "|---|" + "---:|" * len(sizes)]  # fmt: skip
    for name, cells in rows.items():
        shown = f"**{name}**" if name in (WHOLE_CHECK, TRUTH) else name
        lines.append(f"| {shown} | " + " | ".join(cell(cells.get(s, {})) for s in sizes) + " |")
    for text, over, under, wanted in (
        ("the engine's gradient / by hand", TRUTH, HAND, "at most 3"),
        ("gradcheck slow / vf.verify", SLOW, WHOLE_CHECK, "at least 10 at 10^5"),
    ):
        ratios = [ratio(rows.get(over, {}).get(s, {}), rows.get(under, {}).get(s, {}))
                  for s in sizes]  # fmt: skip
        lines.append(f"| *{text}* ({wanted}) | " + " | ".join(ratios) + " |")
    notes = [f"~ {name} at {count(size):,}: extrapolated from {row['extrapolated']}."
             for name, cells in rows.items() for size, row in cells.items()
             if "extrapolated" in row]  # fmt: skip
    return "\n".join([*lines, "", *notes])


def cell(row: Row) -> str:
    """Return one cell: seconds, ~seconds, or why there are none."""
    if "seconds" in row:
        tilde = "~" if "extrapolated" in row else ""
        return f"{tilde}{row['seconds']:,.{3 if row['seconds'] < 10 else 0}f}"
    if "cut" in row:
        return f"cut at {row['cut']}"
    return "not installed" if "absent" in row else row.get("failed", "not run")


def ratio(over: Row, under: Row) -> str:
    """Return over/under, or a dash."""
    if "seconds" not in over or "seconds" not in under:
        return "-"
    tilde = "~" if "extrapolated" in over or "extrapolated" in under else ""
    return f"{tilde}{over['seconds'] / under['seconds']:.3g}"


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--size", type=int, nargs="*", default=list(LAYERS), choices=list(LAYERS))
    parser.add_argument("--peers", nargs="*", default=list(PEERS), choices=[*PEERS, "none"])
    parser.add_argument("--json", type=Path, help="write the figures here as well")
    told = parser.parse_args()
    vf.verify(np.tanh, derivative=lambda x: 1 - np.tanh(x) ** 2)  # imports are not the stages' cost
    rows: dict[str, dict[int, Row]] = {}
    for size in told.size:
        print(f"{count(size):,} parameters: verifier ...", file=sys.stderr, flush=True)
        for name, seconds in stages(size).items():
            rows.setdefault(name, {})[size] = {"seconds": seconds}
        for name in [n for n in told.peers if n != "none"]:
            print(f"{count(size):,} parameters: {name} ...", file=sys.stderr, flush=True)
            rows.setdefault(name, {})[size] = peer_row(name, size)
    print(table(told.size, rows))
    if told.json:
        machine = {"python": platform.python_version(), "cpus": os.cpu_count(),
                   "processor": platform.machine(), "numpy": np.__version__}  # fmt: skip
        figures = {name: {str(s): row for s, row in cells.items()} for name, cells in rows.items()}
        document = {"format": 1, "batch": BATCH, "cpu_seconds": figures, "machine": machine}
        told.json.write_text(json.dumps(document, indent=1, sort_keys=True) + "\n")


if __name__ == "__main__":
    main()
