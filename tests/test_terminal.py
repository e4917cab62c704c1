"""What a person at a terminal sees: the progress, and the end by Ctrl-C with nobody left behind."""

from __future__ import annotations

import json
import os
import pty
import re
import select
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
SLOW = """
import pathlib, subprocess, time
def fine(x): return x * x
def dfine(x): return 2 * x
def endless(x):
    subprocess.Popen(["sleep", "87654"])
    pathlib.Path("begun").touch()
    time.sleep(60)
    return x
"""


def table(name: str, subject: str) -> str:
    return (
        f'[check."{name}"]\nsubject = "slow:{subject}"\nderivative = "slow:dfine"\n'
        "at = [1.5]\neffort = 'quick'\n"
    )


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "slow.py").write_text(SLOW)
    (tmp_path / "verifier.toml").write_text(table("a\\u001b[2J", "fine") + table("b", "fine"))
    return tmp_path


def begun(project: Path, *words: str, **how: object) -> subprocess.Popen[bytes]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "COLUMNS": "60"}
    line = [sys.executable, "-m", "verifier", "run", *words]
    return subprocess.Popen(line, cwd=project, env=environment, **how)  # type: ignore[call-overload,no-any-return]


def left_behind(text: str) -> list[str]:
    """Return the processes whose line has `text`, after those that were killed have gone."""
    found: list[str] = []
    for _ in range(100):
        told = subprocess.run(["ps", "ax", "-o", "args"], capture_output=True, text=True).stdout
        found = [line for line in told.splitlines() if text in line]
        if not found:
            break
        time.sleep(0.05)
    return found


def read_all(descriptor: int, running: subprocess.Popen[bytes]) -> str:
    found = b""
    while running.poll() is None or select.select([descriptor], [], [], 0.2)[0]:
        if select.select([descriptor], [], [], 0.2)[0]:
            try:
                found += os.read(descriptor, 65536)
            except OSError:  # the other side has gone
                break
    return found.decode("utf-8", "replace")


def test_progress_names_the_check_on_a_terminal_only(project: Path) -> None:
    ours, theirs = pty.openpty()
    running = begun(project, stderr=theirs, stdout=subprocess.PIPE)
    os.close(theirs)
    said = read_all(ours, running)
    os.close(ours)
    assert running.wait() == 0
    shown = [line for line in said.split("\r\x1b[2K") if line]
    assert len(shown) == 2
    assert shown[0] == "[1/2] a\\x1b[2J", "no name reaches the terminal as it is"
    assert re.fullmatch(r"\[2/2\] b(, about \d+ s left)?", shown[1])
    assert said.endswith("\r\x1b[2K"), "it is wiped in the end"
    quiet = begun(project, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL)
    assert quiet.communicate()[1] == b""


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_ctrl_c_leaves_a_partial_report_and_no_process(project: Path, jobs: str) -> None:
    more = "".join(table(name, "endless") for name in ("x", "y", "z"))
    (project / "verifier.toml").write_text(table("a", "fine") + more)
    running = begun(project, "-o", "partial.json", "-j", jobs, start_new_session=True,
                    stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                    preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler)
                    and None)  # fmt: skip
    deadline = time.monotonic() + 60
    while not (project / "begun").exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    for _ in range(2):  # an impatient person
        running.send_signal(signal.SIGINT)
    out, err = running.communicate(timeout=30)
    assert running.returncode == 130, err
    assert b"Traceback" not in err and b"interrupted: what stands above is complete" in out
    document = json.loads((project / "partial.json").read_text())
    names = [check["name"] for check in document["checks"]]
    assert document["interrupted"] and names in (["a"], [] if jobs == "2" else ["a"])
    assert not left_behind("sleep 87654") and not left_behind(str(project))
