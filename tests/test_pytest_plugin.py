"""`pytest --verifier`: one test a claim, the finding as the failure, nothing where unused."""

from __future__ import annotations

import importlib.metadata
import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import verifier as vf

ROOT = Path(__file__).resolve().parents[1]
INSTALLED = any(
    entry.value == "verifier.pytest_plugin"
    for entry in importlib.metadata.entry_points(group="pytest11")
)
ACTIVATIONS = """
import numpy as np

def sigmoid(x):
    return 1 / (1 + np.exp(-x))

def dsigmoid(x):
    return sigmoid(x) * sigmoid(-x)

def forgot(x):
    return sigmoid(x)
"""
SPEC = """
[check.right]
subject = "activations:sigmoid"
derivative = "activations:dsigmoid"
claims = ["0 <= f <= 1"]
on = { x = "[-4, 4]" }
effort = "quick"

[check.wrong]
subject = "activations:sigmoid"
derivative = "activations:forgot"
on = { x = "[-4, 4]" }
effort = "quick"
"""
CLAIMS = """
import verifier as vf

@vf.claim(derivative="dcube", on={"x": "[-2, 2]"}, effort="quick")
def cube(x):
    return x**3

def dcube(x):
    return 3 * x**2
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "pytest.ini").write_text("[pytest]\ntestpaths = tests\n")
    (tmp_path / "activations.py").write_text(ACTIVATIONS)
    (tmp_path / "verifier.toml").write_text(SPEC)
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "test_own.py").write_text("def test_own():\n    pass\n")
    return tmp_path


def ran(project: Path, *arguments: str) -> tuple[int, str]:
    """Run pytest in a process of its own, the plugin loaded as an installation would."""
    plugin = [] if INSTALLED else ["-p", "verifier.pytest_plugin"]
    line = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *plugin, *arguments]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(line, cwd=project, env=environment, capture_output=True, text=True)
    return done.returncode, done.stdout + done.stderr


# ------------------------------------------------------------------------------ what is collected
def test_nothing_is_collected_unasked(project: Path) -> None:
    (project / "tests" / "verify_cube.py").write_text(CLAIMS)
    code, out = ran(project, "-q", "--collect-only")
    assert code == 0 and "1 test collected" in out and "verif" not in out.replace(str(project), "")


def test_one_test_a_claim(project: Path) -> None:
    (project / "verify_cube.py").write_text(CLAIMS)
    code, out = ran(project, "--verifier", "--collect-only", "-q")
    assert code == 0
    assert out.splitlines()[:5] == [
        "tests/test_own.py::test_own",
        "verifier.toml::right::derivative",
        "verifier.toml::right::0 <= f <= 1",
        "verifier.toml::wrong::derivative",
        "verify_cube.py::cube::derivative",
    ]


def test_a_folder_gives_what_run_would_read(project: Path) -> None:
    (project / "tests" / "deeper").mkdir()
    (project / "tests" / "deeper" / "verifier.toml").write_text(SPEC)
    (project / "tests" / "deeper" / "verify_cube.py").write_text(CLAIMS)
    code, out = ran(project, "--verifier", "--collect-only", "-q", "tests")
    assert code == 0
    assert [line for line in out.splitlines() if "::" in line] == [
        "tests/deeper/verify_cube.py::cube::derivative",
        "tests/test_own.py::test_own",
    ]


def test_a_file_named_needs_no_option(project: Path) -> None:
    (project / "verify_cube.py").write_text(CLAIMS)
    code, out = ran(project, "-q", "verify_cube.py")
    assert code == 0 and "1 passed" in out, out


def test_a_file_of_claims_of_another_tool_is_left_alone(project: Path) -> None:
    (project / "verify_that.py").write_text("def test_that():\n    pass\n")
    code, out = ran(project, "-v", "verify_that.py")
    assert code == 0 and "verify_that.py::test_that PASSED" in out and "1 passed" in out


def test_one_claim_can_be_chosen(project: Path) -> None:
    assert "1 passed" in ran(project, "--verifier", "verifier.toml::right::derivative")[1]
    code, out = ran(project, "--verifier", "-m", "verifier", "-k", "right")
    assert code == 0 and "2 passed, 2 deselected" in out, out


# ------------------------------------------------------------------------------- what a test says
def test_the_failure_is_the_finding(project: Path) -> None:
    code, out = ran(project, "--verifier", "-v")
    assert code == 1 and "1 failed, 3 passed" in out, out
    assert "verifier.toml::right::derivative PASSED" in out
    assert re.search(r"^activations\.py:\d+: wrong-derivative: ", out, re.MULTILINE)
    assert "    remedy: " in out and "mpmath" in out and "ball" in out
    assert "Traceback" not in out and "verifier replay" not in out
    (summary,) = [line for line in out.splitlines() if line.startswith("FAILED")]
    assert summary.startswith("FAILED verifier.toml::wrong::derivative - ")


def test_a_wrong_specification_fails_with_its_line(project: Path) -> None:
    (project / "verifier.toml").write_text('[check.odd]\nsubjet = "activations:sigmoid"\n')
    code, out = ran(project, "--verifier", "verifier.toml")
    assert code == 1
    assert "verifier.toml:2: not-carried-out: unknown key 'subjet'" in out and "subject" in out


def test_a_file_that_raises_fails(project: Path) -> None:
    (project / "verify_cube.py").write_text("import verifier\n1 / 0\n")
    code, out = ran(project, "--verifier", "verify_cube.py")
    assert code == 1 and "ZeroDivisionError" in out and "verify_cube.py:2" in out


def test_what_is_expected_passes_and_what_is_missing_fails(project: Path) -> None:
    expect = 'expect = ["wrong-derivative"]\n'
    (project / "verifier.toml").write_text(SPEC + expect)
    assert "4 passed" in ran(project, "--verifier")[1]
    (project / "verifier.toml").write_text(SPEC.replace(":forgot", ":dsigmoid") + expect)
    code, out = ran(project, "--verifier")
    assert code == 1 and "expected wrong-derivative, not found" in out


def test_fail_on_of_the_configuration_counts(project: Path) -> None:
    spec = (
        '[check.relu]\nsubject = "activations:relu"\nderivative = "activations:drelu"\n'
        'on = { x = "[-4, 4]" }\nat = [0.0]\neffort = "quick"\n'
    )
    more = "def relu(x):\n    return np.maximum(x, 0)\n\ndef drelu(x):\n    return (x > 0) * 1.0\n"
    (project / "activations.py").write_text(ACTIVATIONS + more)
    (project / "verifier.toml").write_text(spec)
    assert ran(project, "--verifier", "verifier.toml")[0] == 0
    (project / "verifier.toml").write_text('fail_on = "note"\n' + spec)
    code, out = ran(project, "--verifier", "verifier.toml")
    assert code == 1 and "one-sided-derivative" in out, out


def test_several_processes_agree(project: Path) -> None:
    pytest.importorskip("xdist")
    (project / "verify_cube.py").write_text(CLAIMS)
    code, out = ran(project, "--verifier", "-n", "2")
    assert code == 1 and "1 failed, 4 passed" in out, out
    assert "wrong-derivative" in out


# ---------------------------------------------------------------------------------- what it costs
def test_unused_it_imports_nothing(project: Path) -> None:
    (project / "tests" / "test_own.py").write_text(
        "import sys\n\n"
        "def test_own():\n"
        "    ours = {name for name in sys.modules if name.split('.')[0] == 'verifier'}\n"
        "    assert ours == {'verifier', 'verifier.pytest_plugin'}\n"
        "    assert not {'numpy', 'mpmath', 'flint', 'msgspec', 'jinja2'} & sys.modules.keys()\n"
    )
    plugins = ["-p", "no:hypothesispytest"]
    code, out = ran(project, "-q", *plugins)
    assert code == 0, out


def test_used_it_leaves_the_engine_to_the_workers(project: Path) -> None:
    (project / "conftest.py").write_text(
        "import sys\n\n"
        "def pytest_unconfigure():\n"
        "    print('HERE', sorted({'numpy', 'mpmath', 'flint'} & sys.modules.keys()))\n"
    )
    code, out = ran(project, "--verifier", "-q", "-s", "-p", "no:hypothesispytest", "-k", "right")
    assert code == 0 and "HERE []" in out, out


# ------------------------------------------------------------------------------ inside your tests
def cube(x: np.ndarray) -> np.ndarray:
    return x**3


def right(x: np.ndarray) -> np.ndarray:
    return 3 * x**2


def wrong(x: np.ndarray) -> np.ndarray:
    return 3 * x**2 + 1


def test_assert_verified_returns_its_report() -> None:
    report = vf.assert_verified(cube, on={"x": "[-2, 2]"}, derivative=right, effort="quick")
    assert report.verdict == vf.Verdict.PASSED


def test_assert_verified_raises_with_the_finding() -> None:
    with pytest.raises(AssertionError, match="wrong-derivative: ") as caught:
        vf.assert_verified(cube, on={"x": "[-2, 2]"}, derivative="wrong", effort="quick")
    assert "remedy: " in str(caught.value) and "verifier replay" not in str(caught.value)


def test_assert_verified_knows_its_words() -> None:
    with pytest.raises(vf.VerifierError, match=r"vf\.assert_verified does not know 'derivativ'"):
        vf.assert_verified(cube, derivativ=right)  # type: ignore[call-arg]
