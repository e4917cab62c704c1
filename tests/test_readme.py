"""The README does what it says: its commands stand where .ci/run finds them, its blocks run."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from verifier.errors import VerifierError
from verifier.specification import read

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text("utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", README, re.DOTALL | re.MULTILINE)


def marked(name: str) -> str:
    found = re.search(rf"<!-- {name} -->\n```\n(.*)\n```\n<!-- end -->", README)
    assert found, f"README.md has no {name} between its marks"
    return found[1]


def test_the_two_commands() -> None:
    assert marked("examples-command").endswith("verifier run examples -o reports")
    assert marked("test-command").endswith(".venv/bin/python -m pytest -q -n auto")
    for name in ("examples-command", "test-command"):
        assert marked(name).startswith("python3 -m venv .venv && .venv/bin/pip install -q ")


def test_ci_runs_the_second_command() -> None:
    script = (ROOT / ".ci" / "run").read_text()
    find = re.search(r"line=\$\((.*)\) \|\|", script)
    assert find
    found = subprocess.run(
        ["bash", "-c", find[1]], env={"root": str(ROOT)}, capture_output=True, text=True, check=True
    )
    assert found.stdout.strip() == marked("test-command")


@pytest.mark.parametrize("block", blocks("python"))
def test_python_blocks_run(block: str, tmp_path: Path) -> None:
    (tmp_path / "block.py").write_text(block)
    line = [sys.executable, "-c", f"import sys; sys.path.insert(0, {str(ROOT)!r}); import block"]
    done = subprocess.run(line, cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_the_example_says_what_the_readme_shows(tmp_path: Path) -> None:
    (tmp_path / "softplus.py").write_text(blocks("python")[0])
    line = [sys.executable, "softplus.py"]
    done = subprocess.run(line, cwd=tmp_path, capture_output=True, text=True,
                          env={"PYTHONPATH": str(ROOT), "PATH": os.environ["PATH"]})
    shown = re.search(r"<!-- example-output -->\n```\n(.*?)```\n<!-- end -->", README, re.DOTALL)
    assert shown
    timeless = [re.sub(r"\d+(\.\d+)? s$", "T s", text, flags=re.MULTILINE).strip()
                for text in (done.stdout, shown[1])]
    assert timeless[0] == timeless[1]


@pytest.mark.parametrize("block", blocks("toml"))
def test_toml_blocks_are_specifications(block: str, tmp_path: Path) -> None:
    (tmp_path / "verifier.toml").write_text(block)
    assert not [spec.error for spec in read(tmp_path / "verifier.toml").checks if spec.error]


def test_every_package_file_has_its_licence_and_types() -> None:
    assert (ROOT / "LICENSE").read_text().startswith("BSD 3-Clause License")
    assert (ROOT / "verifier" / "py.typed").exists()
    assert issubclass(VerifierError, Exception)
