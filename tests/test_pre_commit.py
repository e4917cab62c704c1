"""The hooks of .pre-commit-hooks.yaml with the real pre-commit, in a scratch repository."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from .test_cache import OTHER, git

ROOT = Path(__file__).resolve().parents[1]
CONFIG = '[check.g]\nsubject = "other:g"\nderivative = "other:dg"\non = {x = "[-1, 1]"}\n'

HOOKS = """
default_install_hook_types: [pre-commit, pre-push]
repos:
  - repo: {hooks}
    rev: {revision}
    hooks:
      - id: verifier-lint
        language: system
        verbose: true
      - id: verifier-changed
        language: system
        verbose: true
      - id: verifier
        verbose: true
"""

pytestmark = pytest.mark.skipif(
    not (importlib.util.find_spec("pre_commit") and shutil.which("git")),
    reason="pre-commit or git is not installed here",
)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Return a repository that uses the hooks of another; `verifier` is on the path."""
    hooks, folder, tools = tmp_path / "hooks", tmp_path / "project", tmp_path / "bin"
    for made in (hooks, folder, tools):
        made.mkdir()
    shutil.copy(ROOT / ".pre-commit-hooks.yaml", hooks)
    commit(hooks, "hooks")
    revision = subprocess.run(["git", "rev-parse", "HEAD"], cwd=hooks, capture_output=True)
    (tools / "verifier").write_text(f'#!/bin/sh\nexec "{sys.executable}" -m verifier "$@"\n')
    (tools / "verifier").chmod(0o755)
    text = HOOKS.format(hooks=hooks, revision=revision.stdout.decode().strip())
    (folder / ".pre-commit-config.yaml").write_text(text)
    (folder / "other.py").write_text(OTHER)
    (folder / "verifier.toml").write_text(CONFIG)
    commit(folder, "first")
    return folder


def commit(folder: Path, message: str) -> None:
    git(folder, "init", "-q")
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "-m", message)


def hook(project: Path, *words: str) -> tuple[int, str]:
    """Run pre-commit as git would, on what is staged."""
    environment = {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "PRE_COMMIT_HOME": str(project.parent / "home"),
        "PATH": f"{project.parent / 'bin'}{os.pathsep}{os.environ['PATH']}",
    }
    environment.pop("GIT_DIR", None)
    git(project, "add", "-A")
    line = [sys.executable, "-m", "pre_commit", "run", *words]
    done = subprocess.run(line, cwd=project, env=environment, capture_output=True, text=True)
    return done.returncode, done.stdout + done.stderr


def test_a_commit_is_held_up_by_a_mistake_and_by_a_wrong_derivative(project: Path) -> None:
    (project / "verifier.toml").write_text(CONFIG.replace("other:dg", "other:dgg"))
    code, said = hook(project, "verifier-lint")
    assert code == 1 and "no 'dgg' in other.py. Did you mean 'dg'?" in said
    (project / "verifier.toml").write_text(CONFIG)
    (project / "other.py").write_text(OTHER.replace("2 * x", "3 * x"))
    code, said = hook(project)
    assert code == 1 and "1 check and 0 files of claims read: no mistakes" in said
    assert "wrong-derivative" in said and "other.py:6" in said
    (project / "other.py").write_text(OTHER.replace("2 * x", "x + x"))
    assert hook(project, "verifier-changed")[0] == 0
    code, said = hook(project)
    assert code == 0 and "from the cache, as nothing they depend on changed: 1 check" in said


def test_before_a_push_every_check_is_run(project: Path) -> None:
    code, said = hook(project, "--hook-stage", "pre-push", "--all-files")
    assert code == 0, said
    assert "verifier run" in said and "1 check: 1 holds, 0 do not (1 PASSED)" in said
