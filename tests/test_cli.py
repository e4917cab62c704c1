"""The command: what it prints, what it writes, and the exit code of every way it can end."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import jsonschema
import pytest

import verifier
from verifier.cli import main

ROOT = Path(__file__).resolve().parents[1]

ACTIVATIONS = """
import numpy as np

def sigmoid(x):
    return 1 / (1 + np.exp(-x))

def dsigmoid(x):
    return sigmoid(x) * sigmoid(-x)

def forgot(x):
    return sigmoid(x)
"""
HOLDS = """
[check.sigmoid]
subject = "activations:sigmoid"
derivative = "activations:dsigmoid"
on = { x = "[-4, 4]" }
effort = "quick"
"""
FAULTY = HOLDS.replace("check.sigmoid", "check.faulty").replace(":dsigmoid", ":forgot")

Command = Callable[..., tuple[int, str, str]]


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "activations.py").write_text(ACTIVATIONS)
    return tmp_path


@pytest.fixture
def command(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Command:
    def run(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["verifier", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        said = capsys.readouterr()
        assert "Traceback" not in said.out + said.err
        return int(ended.value.code or 0), said.out, said.err

    return run


# ------------------------------------------------------------------------- run and its exit codes
def test_a_right_derivative_exits_0(project: Path, command: Command) -> None:
    (project / "verifier.toml").write_text(HOLDS)
    code, out, err = command("run")
    assert code == 0, out + err
    assert out.startswith("PASSED") and "sigmoid" in out
    assert err == ""
    assert sorted(p.name for p in project.iterdir() if p.suffix) == [
        "activations.py",
        "verifier.toml",
    ], "nothing is written unless -o"


def test_a_wrong_derivative_exits_1_and_names_the_rule(project: Path, command: Command) -> None:
    (project / "verifier.toml").write_text(HOLDS + FAULTY)
    code, out, _ = command("run")
    assert code == 1
    assert "REFUTED" in out and "wrong-derivative" in out and "PASSED" in out


def test_what_is_expected_holds(project: Path, command: Command) -> None:
    (project / "verifier.toml").write_text(FAULTY + 'expect = ["wrong-derivative"]\n')
    code, out, _ = command("run")
    assert code == 0, out
    assert "as expected" in out


def test_expected_but_absent_exits_1(project: Path, command: Command) -> None:
    (project / "verifier.toml").write_text(HOLDS + 'expect = ["wrong-derivative"]\n')
    assert command("run")[0] == 1


def test_an_error_exits_2_and_the_others_still_run(project: Path, command: Command) -> None:
    broken = FAULTY.replace(":sigmoid", ":sigmoit")
    (project / "verifier.toml").write_text(broken + HOLDS)
    code, out, _ = command("run")
    assert code == 2
    assert "activations has no attribute 'sigmoit'. Did you mean 'sigmoid'?" in out
    assert "verifier.toml:2: error" in out
    assert "PASSED" in out


def test_nothing_to_check_exits_5(project: Path, command: Command) -> None:
    code, _, err = command("run")
    assert code == 5
    assert "nothing to check in ." in err and "@vf.claim" in err


def test_claims_in_python_files(project: Path, command: Command) -> None:
    (project / "verify_it.py").write_text(
        "import verifier as vf\nfrom activations import sigmoid\n\n"
        '@vf.claim(derivative="dcube", on={"x": "[-2, 2]"}, effort="quick")\n'
        "def cube(x):\n    return x**3\n\n"
        "def dcube(x):\n    return 3 * x**2\n\n"
        'vf.claim(derivative="activations:dsigmoid", on={"x": "[-2, 2]"})(sigmoid)\n'
    )
    code, out, err = command("run")
    assert code == 0, out + err
    assert "cube" in out and "sigmoid" in out and "2 checks" in out


def test_pyproject_is_read(project: Path, command: Command) -> None:
    text = HOLDS.replace("[check.", "[tool.verifier.check.")
    (project / "pyproject.toml").write_text(text)
    (project / "below").mkdir()
    os.chdir(project / "below")
    assert command("run")[0] == 0


def test_check_takes_its_words_from_the_line(command: Command) -> None:
    told = ("--on", "x=[-4, 4]", "--effort", "quick", "--derivative")
    assert command("check", "activations:sigmoid", *told, "activations:dsigmoid")[0] == 0
    assert command("check", "activations.py:sigmoid", *told, "activations.py:forgot")[0] == 1
    code, out, _ = command(
        "check", "activations:sigmoid", "--derivative", "activations:forgot", "--at", "0.25"
    )
    assert code == 1 and "REFUTED" in out


# --------------------------------------------------------------------------------------- reports
def test_a_folder_gets_json_and_html_and_an_index(project: Path, command: Command) -> None:
    (project / "verifier.toml").write_text(HOLDS + FAULTY.replace("faulty", '"a/../<b>"'))
    assert command("run", "-o", "out")[0] == 1
    names = sorted(path.name for path in (project / "out").iterdir())
    assert names == ["a-..-b.html", "a-..-b.json", "index.html", "sigmoid.html", "sigmoid.json"]
    document = json.loads((project / "out" / "sigmoid.json").read_text())
    code, out, _ = command("schema", "report")
    assert code == 0
    jsonschema.validate(document, json.loads(out))
    assert list(document["machine"]["seconds"]) == ["sigmoid"]


def test_a_file_takes_its_format_from_the_suffix(project: Path, command: Command) -> None:
    (project / "verifier.toml").write_text(FAULTY)
    assert command("run", "-o", "r.json")[0] == 1
    code, out, _ = command("render", "r.json", "--format", "html")
    assert code == 0 and out.lower().startswith("<!doctype html>")
    assert command("render", "r.json", "-o", "r.html")[:2] == (0, "")
    assert (project / "r.html").read_text() == out


def test_json_on_stdout_is_only_json(project: Path, command: Command) -> None:
    printing = ACTIVATIONS + "\nprint('loaded')\nimport os; os.system('echo from a child')\n"
    (project / "activations.py").write_text(printing)
    (project / "verifier.toml").write_text(HOLDS)
    code, out, _ = command("run", "--format", "json")
    assert code == 0
    assert json.loads(out)["checks"][0]["name"] == "sigmoid"


def test_two_at_a_time_give_the_same_bytes(project: Path, command: Command) -> None:
    (project / "verifier.toml").write_text(HOLDS + FAULTY)
    command("run", "-o", "one.json")
    command("run", "-j", "2", "-o", "two.json")
    one, two = (json.loads((project / f"{n}.json").read_text()) for n in ("one", "two"))
    one.pop("machine"), two.pop("machine")
    assert one == two


def test_replay_confirms_the_witness(project: Path, command: Command) -> None:
    pytest.importorskip("verifier.certificate")
    (project / "verifier.toml").write_text(FAULTY)
    command("run", "-o", "out")
    found = json.loads((project / "out" / "faulty.json").read_text())["checks"][0]
    name = found["claims"][0]["findings"][0]["id"]
    for report in ("out", "out/faulty.json"):
        code, out, err = command("replay", report, name)
        assert code == 0, out + err


# ------------------------------------------------------------------------- bad input, one message
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("run", "nowhere"), "no file or folder 'nowhere'. Name a folder, a .toml or a .py file."),
        (("run", "activation.py"), "Did you mean 'activations.py'?"),
        (("run", "--format", "yaml"), "'yaml' is not one of"),
        (("run", "-o", "r.pdf"), ".pdf names no report format"),
        (("run", "-o", "activations.py/out"), "is a file, not a folder"),
        (("run", "-j", "0"), "0 is not in the range"),
        (("runn",), "No such command 'runn'"),
        (("check", "activations:sigmoid"), "nothing is claimed. Add --claim"),
        (("check", "m:f", "--claim", "convex", "--on", "x"), "names no argument and domain"),
        (("check", "m:f", "--claim", "convex", "--at", "x=.5"), "--at 'x=.5' is no point"),
        (("check", "m:f", "--claim", "convex", "--budget", "soon"), "budget 'soon' is no time"),
        (("explain", "wrong-derivativ"), "Did you mean 'wrong-derivative'"),
        (("render", "nothing.json"), "nothing.json"),
        (("render", "activations.py"), "is not JSON"),
        (("schema", "rapport"), "'rapport' is not one of"),
    ],
)
def test_bad_arguments_are_one_message(
    command: Command, arguments: tuple[str, ...], message: str
) -> None:
    code, out, err = command(*arguments)
    assert (code, out) == (2, "")
    assert message in err


@pytest.mark.parametrize(
    ("subject", "message"),
    [
        ("activations:nothing", "activations has no attribute 'nothing'"),
        ("activation:sigmoid", "no module named 'activation'. Did you mean 'activations'?"),
        ("activation.py:sigmoid", "no file activation.py. Did you mean 'activations.py'?"),
        ("activations:np", "activations:np is a module, not a callable"),
        ("activations", "'activations' names no module. Write 'module:function'"),
        ("activations:sigmoid(", "cannot be read as a name with selectors"),
        ("activations:sigmoid + 1", "holds more than names, calls and selectors"),
    ],
)
def test_bad_subjects_are_errors_of_the_check(command: Command, subject: str, message: str) -> None:
    code, out, _ = command("check", subject, "--derivative", "activations:dsigmoid")
    assert code == 2
    assert "ERROR" in out and message in out


def test_an_import_that_raises_names_its_line(project: Path, command: Command) -> None:
    (project / "broken.py").write_text("import activations\n\n1 / 0\n")
    code, out, _ = command("check", "broken:f", "--derivative", "broken:g")
    assert code == 2
    assert "broken.py:3: error: importing broken raised ZeroDivisionError" in out
    (project / "syntax.py").write_text("x = 1\ndef f(:\n")
    code, out, _ = command("run", "syntax.py")
    assert code == 2
    assert "syntax.py:2: error: importing syntax.py raised SyntaxError" in out


def test_explain_and_schema(command: Command) -> None:
    code, out, _ = command("explain", "wrong-derivative")
    assert code == 0 and "wrong-derivative" in out
    code, out, _ = command("schema", "config")
    assert code == 0
    table = json.loads(out)["$defs"]["CheckTable"]["properties"]
    assert {"subject", "derivative", "on"} <= table.keys()


# ------------------------------------------------------------------------------ seen from outside
def outside(*arguments: str, **options: object) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), **options.pop("env", {})}  # type: ignore[dict-item]
    line = [sys.executable, "-m", "verifier", *arguments]
    return subprocess.run(line, capture_output=True, text=True, env=environment, **options)  # type: ignore[call-overload,no-any-return]


def test_version_imports_neither_numpy_nor_mpmath() -> None:
    program = (
        "import sys; sys.argv = ['verifier', '--version']\n"
        "from verifier.cli import main\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        "assert not {'numpy', 'mpmath', 'flint', 'jinja2', 'hypothesis'} & sys.modules.keys()\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, cwd=ROOT, check=True
    )
    assert done.stdout.strip() == f"verifier, version {verifier.__version__}"


def test_the_command_itself_imports_no_engine(project: Path, command: Command) -> None:
    (project / "verifier.toml").write_text(HOLDS)
    program = (
        "import sys; sys.argv = ['verifier', 'run']\n"
        "from verifier.cli import main\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        "assert not {'numpy', 'mpmath', 'flint', 'activations'} & sys.modules.keys()\n"
    )
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True)
    assert done.returncode == 0, done.stderr


def test_no_colour_off_a_terminal(project: Path) -> None:
    (project / "verifier.toml").write_text(FAULTY)
    assert "\x1b" not in outside("run").stdout


def test_a_reader_that_leaves_is_no_error(project: Path) -> None:
    line = f"{sys.executable} -m verifier explain wrong-derivative | true"
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(line, shell=True, capture_output=True, text=True, env=environment)
    assert done.stderr == ""


def test_ctrl_c_leaves_a_valid_partial_report(project: Path) -> None:
    (project / "slow.py").write_text(
        "import pathlib, time\n"
        "def endless(x):\n    pathlib.Path('begun').touch()\n    time.sleep(60)\n    return x\n"
    )
    slow = '[check.slow]\nsubject = "slow:endless"\nderivative = "slow:endless"\nat = [1.0]\n'
    (project / "verifier.toml").write_text(HOLDS + slow)
    running = subprocess.Popen(
        [sys.executable, "-m", "verifier", "run", "-o", "partial.json"],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler) and None,
    )
    deadline = time.monotonic() + 60
    while not (project / "begun").exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    running.send_signal(signal.SIGINT)
    _, err = running.communicate(timeout=20)
    assert running.returncode == 130, err
    assert "Traceback" not in err
    document = json.loads((project / "partial.json").read_text())
    assert document["interrupted"] is True
    assert [check["name"] for check in document["checks"]] == ["sigmoid"]
