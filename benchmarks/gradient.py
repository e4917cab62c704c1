"""What does verifying a gradient cost? One run, one table: CPU seconds by stage, beside the peers.

    python benchmarks/gradient.py [--size 1000 ...] [--peers none] [--json FILE]

CPU seconds are `time.process_time` on one thread, imports left out; the stages share a process,
each peer has its own. A peer is stopped soon after CAP seconds of CPU; one that goes component by
component is first measured on a few, and where the whole would pass CAP that sample is extrapolated
and marked with a tilde. A peer that is not installed is shown as such.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import resource
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
from mlp import BATCH, LAYERS, count
from peers import PEERS
from peers import WHOLE as UNSAMPLED
from stages import HAND, TRUTH, WHOLE

CAP = 180.0  # CPU seconds of one peer at one size
SAMPLE = {  # components: W3 for gradcheck, else the first few weights
    "torch gradcheck, slow": {1_000: 180, 10_000: 640, 100_000: 1_100},
    "numdifftools, per component": {1_000: 64, 10_000: 32, 100_000: 16},
    "mpmath.diff, per component": {1_000: 8, 10_000: 2, 100_000: 1},
}
SLOW = "torch gradcheck, slow"
ONE_THREAD = {f"{k}_NUM_THREADS": "1" for k in ("OMP", "OPENBLAS", "MKL")}
Row = dict[str, Any]


def child(script: str, *arguments: str) -> Row:
    """Run a script of this folder in a process of its own; return its JSON, or why it has none."""
    limit = int(CAP) + 30
    command = [sys.executable, str(Path(__file__).with_name(script)), *arguments]
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=4 * limit, check=False,
            env={**os.environ, **ONE_THREAD},
            preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_CPU, (limit, limit)),
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        return {"cut": limit}
    if done.returncode < 0:
        return {"cut": limit}
    if done.returncode:
        return {"failed": (done.stderr.strip().splitlines() or ["no message"])[-1]}
    return dict(json.loads(done.stdout.splitlines()[-1]))


def peer(name: str, size: int) -> Row:
    """Return the CPU seconds of one peer, extrapolated from a sample where the whole is dear."""
    if name in UNSAMPLED:
        return child("peers.py", name, str(size), "0")
    sample = SAMPLE[name][size]
    found = child("peers.py", name, str(size), str(sample))
    if "seconds" not in found:
        return found
    predicted = found["seconds"] * count(size) / sample
    if predicted <= CAP:
        return child("peers.py", name, str(size), "0")
    return {"seconds": predicted, "extrapolated": f"{sample} of {count(size):,} components"}


def table(sizes: list[int], rows: dict[str, dict[int, Row]]) -> str:
    """Return the Markdown table and the two ratios that must hold."""
    heads = [f"{count(size):,} parameters" for size in sizes]
    lines = [f"| CPU seconds, batch {BATCH} | " + " | ".join(heads) + " |",
             "|---|" + "---:|" * len(sizes)]  # fmt: skip
    for name, cells in rows.items():
        shown = f"**{name}**" if name in (WHOLE, TRUTH) else name
        lines.append(f"| {shown} | " + " | ".join(cell(cells.get(s, {})) for s in sizes) + " |")
    for text, over, under, wanted in (
        ("the engine's gradient / by hand", TRUTH, HAND, "at most 3"),
        ("gradcheck slow / vf.verify", SLOW, WHOLE, "at least 10 at 10^5"),
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
    rows: dict[str, dict[int, Row]] = {}
    for size in told.size:
        print(f"{count(size):,} parameters: verifier ...", file=sys.stderr, flush=True)
        took = child("stages.py", str(size))
        if took.keys() & {"cut", "failed"}:
            raise SystemExit(f"the engine itself at {size}: {took}")
        for name, seconds in took.items():
            rows.setdefault(name, {})[size] = {"seconds": seconds}
        for name in [n for n in told.peers if n != "none"]:
            print(f"{count(size):,} parameters: {name} ...", file=sys.stderr, flush=True)
            rows.setdefault(name, {})[size] = peer(name, size)
    print(table(told.size, rows))
    if told.json:
        machine = {"python": platform.python_version(), "cpus": os.cpu_count(),
                   "processor": platform.machine(), "numpy": np.__version__}  # fmt: skip
        figures = {name: {str(s): row for s, row in cells.items()} for name, cells in rows.items()}
        document = {"format": 1, "batch": BATCH, "cpu_seconds": figures, "machine": machine}
        told.json.write_text(json.dumps(document, indent=1, sort_keys=True) + "\n")


if __name__ == "__main__":
    main()
