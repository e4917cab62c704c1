"""What becomes of convexity claims, and what disciplined convex programming says of the same.

`python benchmarks/convexity.py [--json FILE]`: one row for each function beyond DCP and for each
committed net: verdict, boxes, seconds; beside it cvxpy's `is_convex()` of the function written in
cvxpy's own operators as a numpy user would write it, where cvxpy is installed. DCP answers
"unknown" for a convex function it cannot build from its rules; it never refutes.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import verifier as vf
from tests.curved_nets import NETS, wide_nets
from tests.plants.curves import BARELY, BENT, CLASSES, LABELS, A, Bent, X

CUBE = "[-0.5, 0.5]^(4)"
# The same functions in cvxpy's words; a name that is missing is not written down there.
DCP: dict[str, Callable[[Any], Any]] = {
    "softplus": lambda cp: cp.log(1 + cp.exp(cp.Variable())),
    "logsumexp": lambda cp: cp.log(cp.sum(cp.exp(A @ cp.Variable(3) + 1))),
    "root": lambda cp: cp.sqrt(1 + cp.Variable() ** 2),
    "entropy": lambda cp: _twice(cp, lambda x: x * cp.log(x)),
    "two softplus": lambda cp: _twice(cp, lambda x: 3 * cp.logistic(x) - cp.logistic(2 * x) / 2),
    "logistic": lambda cp: _twice(cp, lambda w: cp.sum(
        cp.logistic(X @ w) - cp.multiply(LABELS, X @ w)), 3),
    "x^2 / y": lambda cp: cp.Variable() ** 2 / cp.Variable(pos=True),
    "barely not": lambda cp: cp.quad_form(cp.Variable(3), BARELY),
    "quadratic": lambda cp: cp.quad_form(cp.Variable(3), A.T @ A + np.eye(3)),
    "sigmoid": lambda cp: 1 / (1 + cp.exp(-cp.Variable())),
    "outer rises": lambda cp: cp.exp(cp.Variable() ** 2 - 1),
    "outer falls": lambda cp: (cp.Variable() ** 2 - 1) ** 2,
    "distance": lambda cp: cp.norm(A @ cp.Variable(3) - 1),
    "largest": lambda cp: cp.max(A @ cp.Variable(3)),
    "cube": lambda cp: cp.Variable() ** 3,
    "cube above": lambda cp: cp.Variable(nonneg=True) ** 3,
    "huber": lambda cp: cp.sum(cp.huber(X @ cp.Variable(3) - LABELS, 0.5)) / 2,
    "softmax": lambda cp: _twice(cp, lambda w: cp.sum(
        cp.log(cp.sum(cp.exp(X @ w), axis=1))) - cp.sum(cp.multiply(np.eye(4)[CLASSES], X @ w)),
        3, 4),
    "kullback": lambda cp: _twice(cp, lambda x: cp.sum(cp.multiply(
        x, cp.log(x / cp.hstack([x[2], x[0], x[1]])))), 3),
    "x^2 / y below": lambda cp: cp.Variable() ** 2 / cp.Variable(neg=True),
}


def _twice(cp: Any, build: Callable[[Any], Any], *shape: int) -> Any:
    return build(cp.Variable(shape))


def rows() -> Iterable[dict[str, Any]]:
    """Yield one row for each function."""
    for bent in BENT:
        yield row(bent)
    for net in (*NETS, *wide_nets()):
        yield row(Bent(net.name, net.function, CUBE, "convex", "PROVED"))


def row(bent: Bent) -> dict[str, Any]:
    """Verify one claim and ask cvxpy the same."""
    code = getattr(bent.function, "__func__", bent.function).__code__
    (name,) = [n for n in code.co_varnames[:code.co_argcount] if n != "self"]
    start = time.perf_counter()
    report = vf.verify(bent.function, on={name: bent.on}, claims=[bent.claim], budget=60)
    seconds = time.perf_counter() - start
    claim = next(c for c in report.checks[0].claims if c.claim == bent.claim)
    data = claim.certificate or {}
    return {"name": bent.name, "claim": bent.claim, "verdict": claim.verdict.value,
            "expected": bent.verdict, "road": data.get("kind", "chord"),
            "boxes": data.get("boxes", ""), "seconds": round(seconds, 2),
            "cvxpy": dcp(bent.name) if bent.claim == "convex" else ""}


def dcp(name: str) -> str:
    """Return what cvxpy says: convex, unknown, or why it was not asked."""
    if importlib.util.find_spec("cvxpy") is None:
        return "not installed"
    if name not in DCP:
        return "not written"
    import cvxpy

    try:
        return "convex" if DCP[name](cvxpy).is_convex() else "unknown"
    except Exception as error:  # some functions cannot even be written down
        return f"refused ({type(error).__name__})"


def main(arguments: list[str]) -> int:
    """Print the table; 1 where a verdict is not the expected one."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--json", type=Path)
    given = parser.parse_args(arguments)
    found = []
    print("| function | claim | verdict | road | boxes | seconds | cvxpy DCP |")
    print("|---|---|---|---|---:|---:|---|")
    for line in rows():
        found.append(line)
        told = (line[k] for k in ("name", "claim", "verdict", "road", "boxes", "seconds", "cvxpy"))
        print("| " + " | ".join(map(str, told)) + " |", flush=True)
    if given.json:
        given.json.write_text(json.dumps(found, indent=1))
    return int(any(line["verdict"] != line["expected"] for line in found))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
