"""docs/ci.md and docs/pytest.md: the files they show are written, the commands run."""

from __future__ import annotations

import importlib.metadata
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
FILE = re.compile(r"<!-- file: (.+?) -->\n```\w+\n(.*?)^```$", re.DOTALL | re.MULTILINE)
SHELL = re.compile(r"^```sh\n(.*?)^```$", re.DOTALL | re.MULTILINE)
INSTALLED = any(
    entry.value == "verifier.pytest_plugin"
    for entry in importlib.metadata.entry_points(group="pytest11")
)


@pytest.mark.parametrize("page", ["ci.md", "pytest.md"])
def test_what_the_page_shows_works(page: str, tmp_path: Path) -> None:
    text = (ROOT / "docs" / page).read_text("utf-8")
    for name, content in FILE.findall(text):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(content)
    assert len(re.findall("^```", text, re.MULTILINE)) == 2 * (
        len(FILE.findall(text)) + len(SHELL.findall(text))
    ), "every block is a file or a command"
    lines = [line for block in SHELL.findall(text) for line in block.splitlines()]
    workflow = [line for _, content in FILE.findall(text) for line in workflow_steps(content)]
    for line in [*lines, *workflow]:
        run(line, tmp_path)


def workflow_steps(content: str) -> list[str]:
    """Return what a workflow runs of verifier; its check is the one that fails in the page."""
    steps = re.findall(r"- run: (verifier .*)", content)
    return [f"{step}  # exits 1" for step in steps]


def run(line: str, folder: Path) -> None:
    """Run one command as its reader would; `# exits N` says what it returns."""
    plugin = "" if INSTALLED else " -p verifier.pytest_plugin"
    command = re.sub(r"^verifier\b", f"{sys.executable} -m verifier", line)
    command = re.sub(r"^pytest\b", f"{sys.executable} -m pytest{plugin}", command)
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        command, shell=True, cwd=folder, env=environment, capture_output=True, text=True
    )
    told = re.search(r"# exits (\d)", line)
    assert done.returncode == int(told[1] if told else 0), f"{line}\n{done.stdout}{done.stderr}"


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
