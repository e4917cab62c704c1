"""The README's two commands stand where .ci/run finds them; its blocks run in test_docs.py."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

from verifier.errors import VerifierError

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text("utf-8")


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


def test_every_package_file_has_its_licence_and_types() -> None:
    assert (ROOT / "LICENSE").read_text().startswith("BSD 3-Clause License")
    assert (ROOT / "verifier" / "py.typed").exists()
    assert issubclass(VerifierError, Exception)
