"""`verifier lint`: each mistake at its line, none where there is none, and no code is run."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from verifier.discovery import discover
from verifier.lint import mistakes
from verifier.run import plan

ROOT = Path(__file__).resolve().parents[1]

MODULE = """
import numpy as np
from math import *
raise SystemExit("nobody runs this")
def f(x, scale=1.0): return x
def g(*x): return x
class Layer:
    def forward(self, x): return x
loss = lambda x: x
if True:
    h = f
X = [1.0, 2.0]
"""
PLAIN = MODULE.replace("from math import *\n", "")


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "net.py").write_text(PLAIN)
    (tmp_path / "star.py").write_text(MODULE)
    (tmp_path / "pack").mkdir()
    (tmp_path / "pack" / "__init__.py").write_text("")
    (tmp_path / "pack" / "inner.py").write_text("def f(x): return x\n")
    return tmp_path


def found(project: Path, text: str, name: str = "verifier.toml") -> list[str]:
    (project / name).write_text(text)
    return mistakes(plan(discover((name,), project)).specs)


RIGHT = [
    "subject = 'net:f'\nderivative = 'net:h'\non = {x = '[-1, 1]^(3)'}\nclaims = 'convex in x'",
    "subject = 'net:Layer().forward'\nclaims = ['C2', '0 <= f <= 1']",
    "subject = 'net.py:loss'\nderivative = 'autodiff'\non = {x = 'net:X'}",
    "subject = 'net:g'\nclaims = 'finite'\non = {anything = '[0, 1]'}",
    "subject = 'star:sin'\nclaims = 'finite'",
    "subject = 'numpy:tanh'\nclaims = 'finite'",
    "subject = 'pack.inner:f'\ngradient = 'pack:inner.f'\nat = [1.0]",
]
WRONG = {
    "subject = 'net:ff'\nclaims = 'finite'": "net:ff: no 'ff' in net.py. Did you mean 'f'?",
    "subject = 'nett:f'\nclaims = 'finite'": "nett:f: no module named 'nett'. Looked in .;",
    "subject = 'x/net.py:f'\nclaims = 'finite'": "no file 'x/net.py'",
    "subject = 'net:f'\nhessian = 'net:hh[0]'": "net:hh[0]: no 'hh' in net.py. Did you mean 'h'?",
    "subject = 'net:f'\nclaims = 'convx'": 'unknown claim "convx"',
    "subject = 'net:f'\nclaims = 'finite'\non = {x = '[1, 2'}": "on x: cannot read '[1, 2'",
    "subject = 'net:f'\nclaims = 'finite'\non = {x = '[2, 1]'}": "the interval [2, 1] is reversed",
    "subject = 'net:f'\nclaims = 'finite'\non = {x = 'R'}": "'R' is neither a domain nor a ref",
    "subject = 'net:f'\nclaims = 'finite'\non = {y = '[1, 2]'}": "net:f has no argument 'y'. It ha",
    "subject = 'net:f'\nclaims = 'finite'\nwrt = 'scal'": "'scal'. Did you mean 'scale'?",
    "subject = 'net:f'\nclaims = 'finite'\nsead = 1": "unknown key 'sead' in [check.a]. Did you",
    "subject = 'net:f'": "[check.a] claims nothing",
    "subject = 'net:f'\nclaims = 'finite'\neffort = 'quik'": "unknown effort 'quik'",
    "subject = 'net:f'\nclaims = 'finite'\nexpect = 'kinky'": "unknown rule 'kinky'. Did you mean",
}


@pytest.mark.parametrize("table", RIGHT)
def test_what_is_right_is_let_pass(project: Path, table: str) -> None:
    assert found(project, f"[check.a]\n{table}\n") == []


@pytest.mark.parametrize("table, message", WRONG.items(), ids=WRONG.values())
def test_what_is_wrong_is_told_with_its_place(project: Path, table: str, message: str) -> None:
    (said,) = found(project, f"\n[check.a]\n{table}\n")
    assert message in said and said.startswith("verifier.toml:")


CLAIMS = """
import verifier as vf
@vf.claim(derivative="df", on={"x": "[0, 1]"}, claims=["convex"])
def f(x): return x
@vf.claim(derivativ="df", gradient="dff", on={"x": "[0, 1"}, claims=CLAIMS)
@vf.claim(hessian="net:nothing")
def df(x): return 1
"""


def test_claims_in_python_files(project: Path) -> None:
    said = found(project, CLAIMS, "verify_net.py")
    lines = [line.partition(": ")[0].partition(":")[2] for line in said]
    assert lines == ["5", "5", "5", "6"]
    assert "vf.claim does not know 'derivativ'. Did you mean 'derivative'?" in said[0]
    assert "on x: cannot read '[0, 1'" in said[1]
    assert "gradient: no 'dff' in verify_net.py. Did you mean 'df'?" in said[2]
    assert "net:nothing: no 'nothing' in net.py" in said[3]
    (broken,) = found(project, "import verifier as vf\ndef f(:\n", "verify_net.py")
    assert broken.startswith("verify_net.py:2: cannot be read as Python: ")


def test_the_command_says_it_and_imports_no_engine(project: Path) -> None:
    (project / "verifier.toml").write_text("[check.a]\nsubject = 'net:f'\nclaims = 'convx'\n")
    program = (
        "import sys\nsys.argv = ['verifier', 'lint']\n"
        "from verifier.cli import main\n"
        "try:\n    main()\n"
        "finally:\n"
        "    print(sorted({'numpy', 'mpmath', 'flint', 'net'} & sys.modules.keys()))\n"
    )
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True,
                          text=True)  # fmt: skip
    assert done.returncode == 2
    assert done.stdout == "1 check and 0 files of claims read: 1 mistake\n[]\n"
    assert done.stderr.startswith('verifier.toml:1: unknown claim "convx"')
    (project / "verifier.toml").unlink()
    done = subprocess.run([sys.executable, "-m", "verifier", "lint"], env=environment)
    assert done.returncode == 5


def test_the_examples_have_no_mistakes() -> None:
    assert mistakes(plan(discover((str(ROOT / "examples"),), ROOT)).specs) == []
