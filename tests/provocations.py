"""What a user does to meet each error of the catalogue: one small action for every slug.

An action is called in an empty working folder and may raise. What it needs is written there first.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any
from unittest import mock

import hypothesis.strategies as st
import numpy as np

import verifier as vf
from verifier.changed import BASE, changes
from verifier.cli import cli
from verifier.discovery import discover
from verifier.domains import parse_domain
from verifier.frontends.from_numpy.operands import wrapped
from verifier.frontends.from_numpy.trace import Trace
from verifier.graph.node import Node, apply, constant, variable
from verifier.numerals.balls import Balls
from verifier.numerals.tokens import UNDECIDED
from verifier.readers import value
from verifier.readers.series import coefficients, series
from verifier.report import Report
from verifier.run import plan
from verifier.serving import unchanged_by
from verifier.specification import CheckSpec
from verifier.surroundings import trusted
from verifier.verdicts import Check, Verdict
from verifier.worker import Job, Reply

Action = Callable[[], Any]


def f(x: Any) -> Any:
    return x * x


def df(x: Any) -> Any:
    return 2 * x


def wrong(x: Any) -> Any:
    return 3 * x


def pair(a: Any, b: Any) -> Any:
    return a * b


def on(domain: Any, **words: Any) -> Action:
    return lambda: vf.verify(f, on={"x": domain}, derivative=df, **words)


def at(points: Any, function: Any = f, **words: Any) -> Action:
    return lambda: vf.verify(function, at=points, claims=["finite"], **words)


def claims(text: Any) -> Action:
    return lambda: vf.verify(f, on={"x": "[-1, 1]"}, claims=[text])


def named(reference: str, module: str = "import numpy as np\n") -> Action:
    """Check what `reference` names, beside a file net.py."""

    def act() -> Any:
        Path("net.py").write_text(module)
        return vf.verify(reference, on={"x": "[-1, 1]"}, claims=["finite"])

    return act


def command(*arguments: str) -> Action:
    return lambda: cli.main(list(arguments), standalone_mode=False)


def spec(text: str) -> Action:
    """Read a verifier.toml of this text."""

    def act() -> Any:
        Path("verifier.toml").write_text(text)
        return plan(discover((), Path.cwd()))

    return act


def check(more: str) -> Action:
    return spec(f'[check.a]\nsubject = "net:f"\nclaims = "finite"\n{more}\n')


def report(edit: Callable[[Any], None] = lambda document: None) -> str:
    """Save the report of a refuted derivative, edited, and return the id of its finding."""
    Path("net.py").write_text("def f(x):\n    return x * x\n\n\ndef wrong(x):\n    return 3 * x\n")
    made = vf.verify("net.py:f", on={"x": "[1, 2]"}, derivative="net.py:wrong")
    document = json.loads(made.json()) if hasattr(made, "json") else _document(made)
    edit(document)
    Path("r.json").write_text(json.dumps(document))
    found: str = made.findings[0].id
    return found


def _document(made: Report) -> Any:
    made.save("r.json")
    return json.loads(Path("r.json").read_text())


def replayed(edit: Callable[[Any], None]) -> Action:
    return lambda: command("replay", "r.json", report(edit))()


def _forget_where(document: Any) -> None:
    document["checks"][0].pop("asked")


def _newer(document: Any) -> None:
    document["format"] = 99


def _damage(document: Any) -> None:
    point = document["checks"][0]["claims"][0]["findings"][0]["witness"]["point"]
    point["x"]["hex"] = []


def sample(function: Any, **words: Any) -> Action:
    return lambda: vf.verify(function, on={"x": "[-1, 1]"}, claims=["finite"], **words)


def none(x: Any) -> Any:
    np.sum(x)


def raises(x: Any) -> Any:
    return x[3]


def fourier(x: Any) -> Any:
    return np.abs(np.fft.fft(x)).sum()


OUTSIDE = np.zeros(3)


def compiled(x: Any) -> Any:
    OUTSIDE[:] = x
    return OUTSIDE.sum()


def two_shapes(x: Any) -> Any:
    return np.sum(x**2)


def _atlas(function: Any, begin: Any, end: Any) -> Action:
    return lambda: vf.atlas(function, begin, end)


def branch(x: Any) -> Any:
    return x if x > 0 else 2 * x


def _baseline_without_reason() -> Any:
    report()
    return command("baseline", "r.json", "-o", "b.toml")()


def _misspelt_module() -> Any:
    Path("my_activations.py").write_text("")
    sys.path.insert(0, str(Path.cwd()))
    try:
        return vf.verify("my_activatons:f", on={"x": "[-1, 1]"}, claims=["finite"])
    finally:
        sys.path.pop(0)


def _no_such_commit() -> Any:
    subprocess.run(["git", "init", "-q"], check=True)
    with mock.patch.dict(os.environ, {BASE: "v0"}):
        return changes(Path.cwd())


def _two_files() -> Any:
    Path("net.txt").write_text("")
    return command("run", "net.txt")()


def _occupied() -> Any:
    Path("taken").write_text("")
    report()
    return command("render", "r.json", "-o", "taken/r.html")()


def _unknown_operation() -> Any:
    return value.read([Node("teapot", (), {}, (), "float64")], {}, Balls())


def _germ_at_a_pole() -> Any:
    x = variable("x", ())
    pole = apply("divide", 1.0, x)
    reading = series([pole], {"x": np.array(0.0)}, {"x": np.array(1.0)})
    return coefficients(reading[pole].item(), 1)


def _replaced() -> None:
    job = Job("check", CheckSpec("net:f", "net:f", {}, None, "."), 1.0)
    clean = trusted()
    with mock.patch.object(np, "multiply", np.add):
        unchanged_by(job, Reply("done", Check("net:f", "net:f", Verdict.PASSED, ())), clean)


def _killed() -> Any:
    Path("net.py").write_text("import os\n\ndef f(x):\n    os._exit(9)\n")
    return command("check", "net:f", "--on", "x=[0, 1]", "--claim", "finite")()


ACTIONS: dict[str, Action] = {
    # the specification
    "unknown-key": check("tolerence = 1"),
    "bad-type": check("seed = 'three'"),
    "bad-toml": spec("[check.a\n"),
    "no-subject": spec('[check.a]\nclaims = "finite"\n'),
    "nothing-claimed": spec('[check.a]\nsubject = "net:f"\n'),
    "unknown-effort": check('effort = "thorouh"'),
    "bad-budget": check('budget = "soon"'),
    "unknown-rule": check('expect = ["kinks"]'),
    "bad-allow": check('allow = [{ rule = "kink" }]'),
    "unknown-claim": claims("convecs in x"),
    "bad-claim": claims("2 <= f <= 1"),
    "unknown-kind": _two_files,
    "no-such-file": command("run", "nowhere.toml"),
    "no-git": _no_such_commit,
    "unknown-severity": lambda: vf.verify(f, on={"x": "[1, 2]"}, derivative=df).exit_code("fatal"),
    # references
    "bad-reference": named("net.py:f[1 +]"),
    "no-such-module": _misspelt_module,
    "no-such-name": named("net.py:loss"),
    "no-such-part": named("net.py:f['loss']", "def f(x):\n    return {'cost': x.sum()}\n"),
    "not-callable": named("net.py:f", "f = 3\n"),
    "import-raised": named("net.py:f", "import numpy as np\n1 / 0\n"),
    "factory-raised": named("net.py:make()", "def make():\n    raise OSError('no weights')\n"),
    # where to check
    "bad-domain": on("[0 ... 1]"),
    "empty-domain": on("[1, 0]"),
    "nan-domain": on("[nan, 1]"),
    "large-domain": on("[0, 1]^(100000x1000)"),
    "ragged-domain": lambda: vf.box([0.0, 0.0], [1.0, 1.0, 1.0]),
    "opaque-domain": lambda: parse_domain(st.floats(-1, 1), name="x").ends_inside("float64"),
    "no-domain": lambda: vf.verify(two_shapes, gradient=df),
    "bad-point": at([{"y": 1.0}]),
    "ragged-point": at([{"x": [[1.0, 2.0], [3.0]]}]),
    "no-point": at([]),
    "not-real": at([{"x": np.array([1 + 2j])}]),
    "missing-argument": lambda: vf.verify(pair, on={"a": "[0, 1]"}, claims=["finite"]),
    "unknown-argument": lambda: vf.verify(f, on={"z": "[0, 1]"}, claims=["finite"]),
    # running the code
    "subject-raised": sample(raises),
    "returns-none": sample(none),
    "not-separable": lambda: vf.verify(
        lambda x: np.cumsum(x), on={"x": "[0, 1]^(3)"}, derivative=lambda x: 3.0 - np.arange(3.0)
    ),
    "wrong-shape": lambda: vf.verify(
        two_shapes, on={"x": "[0, 1]^(3)"}, gradient=lambda x: 2 * x[:, None]
    ),
    "not-a-method": lambda: vf.verify(f, on={"x": "[0, 1]"}, backward=df),
    "worker-died": _killed,
    "replaced-library": _replaced,
    "dtype-not-supported": at([{"x": np.array([1 + 2j], np.clongdouble)}]),
    # lifting
    "internal": lambda: wrapped(Trace({}), np.zeros(3), constant(0.0)),
    "not-lifted": _atlas(fourier, np.zeros(4), np.ones(4)),
    "left-the-trace": sample(compiled),
    "data-dependent-branch": _atlas(branch, -1.0, 1.0),
    "not-covered": _unknown_operation,
    "not-rational": _atlas(np.tanh, -1.0, 1.0),
    "undecided": lambda: bool(UNDECIDED),
    "no-germ": _germ_at_a_pole,
    # reports
    "cannot-read": command("render", "nowhere.json"),
    "cannot-write": _occupied,
    "not-a-report": replayed(_damage),
    "newer-format": replayed(_newer),
    "not-recorded": replayed(_forget_where),
    "unknown-finding": lambda: (report(), command("replay", "r.json", "zzzz")()),
    "unknown-format": lambda: vf.verify(f, on={"x": "[1, 2]"}, derivative=df).save("r.docx"),
    "no-reason": _baseline_without_reason,
}
