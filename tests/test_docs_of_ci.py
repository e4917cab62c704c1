"""What docs/ci.md shows of GitHub: its workflow, and the step summary."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


def test_the_workflow_of_the_page_runs(tmp_path: Path) -> None:
    """docs/ci.md shows a workflow; what it runs of verifier exits as the page's checks do."""
    page = (ROOT / "docs" / "ci.md").read_text("utf-8")
    for name, content in re.findall(r"<!-- file: (.+?) -->\n```\w+\n(.*?)^```$", page, re.S | re.M):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(content)
    workflow = (tmp_path / ".github" / "workflows" / "verifier.yml").read_text("utf-8")
    steps = re.findall(r"- run: verifier (.*)", workflow)
    assert steps
    for step in steps:
        line = [sys.executable, "-m", "verifier", *step.split()]
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        done = subprocess.run(line, cwd=tmp_path, env=environment, capture_output=True, text=True)
        assert done.returncode == 1, done.stdout + done.stderr


def test_the_tox_fragment_of_the_page_runs(tmp_path: Path) -> None:
    """Its commands are run as tox would, in this environment; tox itself reads the file."""
    page = (ROOT / "docs" / "ci.md").read_text("utf-8")
    for name, content in re.findall(r"<!-- file: (.+?) -->\n```\w+\n(.*?)^```$", page, re.S | re.M):
        if "/" not in name:
            (tmp_path / name).write_text(content)
    text = (tmp_path / "tox.ini").read_text()
    run, compare = re.findall(r"^commands = verifier (.*)$", text, re.M)
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    for line in (run.replace("{env_name}", "verifier-numpy1"), run, compare):
        words = line.replace("{env_name}", "verifier-numpy2").split()
        done = subprocess.run([sys.executable, "-m", "verifier", *words], cwd=tmp_path,
                              env=environment, capture_output=True, text=True)  # fmt: skip
        assert done.returncode == (0 if words[0] == "diff" else 1), done.stdout + done.stderr
    assert done.stdout == "reports/verifier-numpy1 -> reports/verifier-numpy2: nothing changed\n"


def test_tox_reads_the_fragment(tmp_path: Path) -> None:
    pytest.importorskip("tox")
    page = (ROOT / "docs" / "ci.md").read_text("utf-8")
    (fragment,) = re.findall(r"^```ini\n(.*?)^```$", page, re.S | re.M)
    (tmp_path / "tox.ini").write_text(fragment)
    line = [sys.executable, "-m", "tox", "config", "-e", "verifier-torch,verifier-numpy1"]
    line += ["-k", "deps", "commands"]
    done = subprocess.run(line, cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "verifier run -o reports/verifier-torch" in done.stdout
    assert re.search(r"deps =\n  verifier-nn\n  numpy ?<2", done.stdout), done.stdout


def test_the_step_summary_of_github(tmp_path: Path) -> None:
    spec = "[check.none]\nsubject = 'nowhere:f'\nclaims = 'finite'\n"
    (tmp_path / "verifier.toml").write_text(spec)
    line = [sys.executable, "-m", "verifier", "run", "--format", "github"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    environment["GITHUB_STEP_SUMMARY"] = str(tmp_path / "summary.md")
    done = subprocess.run(line, cwd=tmp_path, env=environment, capture_output=True, text=True)
    assert done.returncode == 2
    assert done.stdout.startswith("::error file=verifier.toml,line=1,title=not-carried-out in none")
    assert (tmp_path / "summary.md").read_text().startswith("## verifier: 1 check, 1 does not hold")
    environment["GITHUB_STEP_SUMMARY"] = str(tmp_path)
    done = subprocess.run(line, cwd=tmp_path, env=environment, capture_output=True, text=True)
    assert done.returncode == 2 and "GITHUB_STEP_SUMMARY" in done.stderr
