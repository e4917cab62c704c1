"""Subjects, names, paths and disks that mean harm: a clear error, nothing lost, none else hurt."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from verifier.command_line import _free_name
from verifier.crew import Crew
from verifier.discovery import discover
from verifier.run import plan, run
from verifier.specification import CheckSpec
from verifier.verdicts import Check, Verdict
from verifier.worker import Job, Reply

from .test_terminal import left_behind

ROOT = Path(__file__).resolve().parents[1]

SUBJECTS = '''
import os, signal, subprocess, sys, threading, time, warnings
import numpy as np
def slope(x): return 2 * x
def fine(x): return np.multiply(x, x)
def exits(x): sys.exit(0)
def exits_hard(x): os._exit(0)
def interrupts(x): raise KeyboardInterrupt
def kills(x): os.kill(os.getpid(), signal.SIGTERM)
def recurses(x): return recurses(x)
def hungry(x): return np.ones(10**15)
def odd(x):
    class Odd(BaseException): pass
    raise Odd("\\x1b[31m<b>")
def mute(x):
    class Mute(Exception):
        def __str__(self): raise ValueError("no")
    raise Mute
def prints(x):
    sys.stdout.write("\\x1b[2J<script>" * 10**5); os.write(1, b"raw" * 1000)
    return x * x
def forks(x): os.fork(); return x * x
def moves(x): os.chdir("/"); return x * x
def strict(x): np.seterr(all="raise"); return x * x
def alarmed(x): warnings.simplefilter("error"); return x * x
def patches(x): np.multiply = np.isfinite = np.sum = None; return x * x
def shallow(x): sys.setrecursionlimit(60); return x * x
def threads(x): threading.Thread(target=time.sleep, args=(99,)).start(); return x * x
def cleans(x): os.environ.clear(); return x * x
def leaves(x): subprocess.Popen(["sleep", "98765"]); return x * x
'''
RAISE = {
    "exits": "raised SystemExit: 0",
    "exits_hard": "ended its process with exit code 0 (os._exit",
    "interrupts": "raised KeyboardInterrupt",
    "kills": "was ended by the signal SIGTERM",
    "recurses": "RecursionError: maximum recursion depth exceeded",
    "hungry": "MemoryError: Unable to allocate",
    "odd": "raised Odd: \x1b[31m<b>",
    "mute": "raised",
    "patches": "replaced numpy.isfinite, numpy.multiply, numpy.sum, which verifier computes with",
}
CHANGE = ["prints", "forks", "moves", "alarmed", "shallow", "threads", "cleans", "leaves"]


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "hostile.py").write_text(SUBJECTS)
    return tmp_path


def table(name: str, subject: str, point: str = "at = [1.5]") -> str:
    keys = f"subject = 'hostile:{subject}'\nderivative = 'hostile:slope'\n{point}\n"
    return f"[check.{json.dumps(name)}]\n{keys}effort = 'quick'\n"


def checks_of(project: Path, text: str) -> dict[str, Check]:
    (project / "verifier.toml").write_text(text)
    done = run(plan(discover((), project)).specs, watch=lambda *_: None)
    assert not done.internal and not done.interrupted
    return {check.name: check for check in done.checks}


def test_whatever_a_subject_does_the_next_is_checked_as_if_alone(project: Path) -> None:
    names = [name for subject in (*RAISE, *CHANGE, "strict") for name in (subject, "fine")]
    found = checks_of(project, "".join(
        table(f"{number}-{name}", name) for number, name in enumerate(names)
    ))  # fmt: skip
    for number, name in enumerate(names):
        check = found[f"{number}-{name}"]
        if name in RAISE:
            assert check.verdict is Verdict.ERROR and RAISE[name] in check.error, check
        elif name in (*CHANGE, "fine"):
            assert check.verdict is Verdict.PASSED, check
    assert not left_behind("sleep 98765"), "what a subject started ends with its worker"


def test_a_process_is_told_what_it_was_changed_by(project: Path) -> None:
    """A healthy file keeps its process; one whose subject changed something gets a new one."""
    crew = Crew()
    try:
        for subject, stays in (("fine", True), ("moves", False), ("patches", False)):
            told = {"derivative": "hostile:slope", "at": [1.5], "effort": "quick"}
            spec = CheckSpec(subject, f"hostile:{subject}", told, None, str(project))
            first, second = (crew.do(Job("check", spec, 30.0)) for _ in range(2))
            assert isinstance(first, Reply) and isinstance(second, Reply)
            assert first == second, stays
    finally:
        crew.stop()


ODD = ["../../etc/x", "<script>\x07\x1b[31m", "CON", "con.txt", "日本\u202e", "\x00", "", "index",
       "n" * 5000, "a/b", "a:b", "-rf", "LPT1", ".hidden"]  # fmt: skip


def test_names_are_only_names(project: Path) -> None:
    (project / "verifier.toml").write_text("".join(table(name, "fine") for name in ODD))
    done = outside(project, "run", "-o", "out/reports")
    assert done.returncode == 0, done.stderr
    assert not {"\x07", "\x1b", "\u202e", "\x00"} & set(done.stdout)
    made = sorted(p.relative_to(project).as_posix() for p in project.rglob("*.json"))
    assert len(made) == len(ODD) and all(name.startswith("out/reports/") for name in made)
    names = {json.loads((project / name).read_text())["checks"][0]["name"] for name in made}
    assert names == set(ODD)
    assert "<script>\x07" not in (project / "out/reports/index.html").read_text()


@pytest.mark.parametrize("name", ["con", "NUL.json", "com1", "aux.tar.gz"])
def test_no_file_is_named_like_a_device(name: str) -> None:
    assert _free_name(name, set()) == f"check-{name}"


NUMBERS = {
    "on = {x = '[1, -1]'}": "the interval [1, -1] is reversed",
    "on = {x = '[nan, 1]'}": "nan is no end of an interval",
    "on = {x = '[-1, 1]^(1000001)'}": "1000001 elements are too many",
    "on = {x = '[-1, 1]^(99999x99999x99999)'}": "elements are too many",
    "on = {x = '[-1, 1]^(0)'}": "has no elements",
    "on = {x = '" + "[" * 2000 + "'}": "cannot read",
    "at = [" + "[" * 40 + "1.5" + "]" * 40 + "]": "an array of 40 dimensions",
    "wrt = 'y'\nat = [1.5]": "y",
    "seed = -1\nat = [1.5]": "",
}


def test_numbers_of_no_use_are_told(project: Path) -> None:
    found = checks_of(project, "".join(
        table(str(number), "fine", point) for number, point in enumerate(NUMBERS)
    ))  # fmt: skip
    for check, message in zip(found.values(), NUMBERS.values(), strict=True):
        assert message in check.error
        assert check.verdict is Verdict.ERROR or not message


@pytest.mark.parametrize(
    "subject",
    [
        "hostile:__import__('os').system('touch pwned')",
        "hostile:(lambda: open('pwned', 'w'))()",
        "hostile:fine; import os",
        "hostile:fine" + "(" * 500 + "1" + ")" * 500,
        "../../../etc/passwd.py:f",
        "hostile:\x00",
        "\x00:f",
        "os:environ",
    ],
)
def test_references_run_no_code(project: Path, subject: str) -> None:
    text = f"[check.a]\nsubject = {json.dumps(subject)}\nderivative = 'hostile:slope'\nat = [1.0]\n"
    check = checks_of(project, text)["a"]
    assert check.verdict is Verdict.ERROR and "internal" not in check.error
    assert not (project / "pwned").exists()


# ------------------------------------------------------------------------------------ where to
def outside(folder: Path, *words: str, **how: object) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    line = [sys.executable, "-m", "verifier", *words]
    how = {"stdout": subprocess.PIPE, **how}
    done = subprocess.run(line, cwd=folder, env=environment, stderr=subprocess.PIPE,
                          text=True, **how)  # type: ignore[call-overload]  # fmt: skip
    assert "Traceback" not in done.stderr and "internal error" not in done.stderr
    return done  # type: ignore[no-any-return]


def no_files_beyond(size: int) -> Callable[[], None]:
    return lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))


def test_a_full_disk_leaves_the_old_report_and_prints_the_new(project: Path) -> None:
    (project / "verifier.toml").write_text(table("a", "fine"))
    (project / "r.json").write_text("old")
    done = outside(project, "run", "-o", "r.json", preexec_fn=no_files_beyond(100))
    assert done.returncode == 2 and "cannot write 'r.json': File too large" in done.stderr
    assert "1 check: 1 holds" in done.stdout, "the result is not lost"
    assert (project / "r.json").read_text() == "old"
    assert not list(project.glob(".verifier-*"))


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no /dev/full here")
def test_a_standard_output_that_is_full_is_told(project: Path) -> None:
    (project / "verifier.toml").write_text(table("a", "fine"))
    with open("/dev/full", "w") as full:
        done = outside(project, "run", stdout=full)
    assert done.returncode == 2
    assert "cannot write to standard output: No space left on device" in done.stderr


def test_a_path_that_cannot_be_written_is_told_before_any_work(project: Path) -> None:
    (project / "verifier.toml").write_text(table("a", "exits_hard"))
    for output in ("x" * 300 + ".json", "hostile.py/r.json", "r.nothing"):
        done = outside(project, "run", "-o", output)
        assert done.returncode == 2 and done.stdout == "", output
        assert done.stderr.startswith("verifier: "), output


def test_files_that_are_no_text_are_told(project: Path) -> None:
    (project / "verifier.toml").write_bytes(b"\xff\xfe\0")
    done = outside(project, "run")
    assert done.returncode == 2 and "verifier.toml:1: error: not TOML" in done.stdout
    (project / "verifier.toml").write_text("[check.a]\n" + "a." * 5000 + "b = 1\n")
    assert outside(project, "run").returncode == 2
    (project / "verifier.toml").write_text("x = " + "[" * 10**5)
    assert outside(project, "run").returncode == 2
