"""The pages of README.md and docs/, run: `python -m tests.documents --write` renews their output.

Every block of a page runs, in order, in one folder of the page's own:

python    runs in one namespace with the page's other blocks, or is written to a file;
toml      is written to a file, or read as a verifier.toml;
console   its lines `$ COMMAND` run, and what follows each is what it prints;
sh        its lines run;
yaml, ini are written to files;
text      after `<!-- prints -->` is what the python block above prints.

A comment on the line above a block says more: `<!-- file: NAME -->` writes it,
`<!-- in: NAME, before: TEXT -->` (or `after:`, `instead of:`) puts it into a file there is, and a
command that ends in `# exits N` must. A page that says `<!-- on a copy of the package -->` works on
one. Times are not compared.
"""

from __future__ import annotations

import contextlib
import importlib.metadata
import io
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from verifier.specification import read

ROOT = Path(__file__).resolve().parents[1]
PAGES = sorted([ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").rglob("*.md")])
COPY = "<!-- on a copy of the package -->"
LEFT_TO_CI = ("<!-- examples-command -->", "<!-- test-command -->")
_BLOCK = re.compile(
    r"(?:^(?P<said><!-- [^\n]+ -->)\n)?^```(?P<language>\w*)\n(?P<text>.*?)^```$", re.M | re.S
)
_TIME = re.compile(r"\b\d+(?:\.\d+)? s\b")
_INSTALLED = any(
    entry.value == "verifier.pytest_plugin"
    for entry in importlib.metadata.entry_points(group="pytest11")
)


@dataclass(frozen=True)
class Block:
    """A block of a page: its language, its text, the comment above it, and where it stands."""

    language: str
    text: str
    said: str
    line: int
    start: int
    end: int

    def told(self, word: str) -> str:
        """Return what the comment above says after `word:`, else ""."""
        found = re.search(rf"<!-- (?:.*, )?{word}: (.+?)(?:, (?:before|after|instead of): .*)? -->",
                          self.said)  # fmt: skip
        return found[1] if found else ""


def blocks(text: str) -> list[Block]:
    """Return the blocks of a page in order."""
    return [
        Block(m["language"], m["text"], m["said"] or "", text.count("\n", 0, m.start("text")),
              m.start("text"), m.end("text"))
        for m in _BLOCK.finditer(text)
    ]  # fmt: skip


def runs(page: Path, folder: Path) -> Iterator[tuple[Block, str]]:
    """Run a page in `folder` and yield each block that shows output, with what it shows now.

    Raises AssertionError where a command exits with another code than the page says.
    """
    text = page.read_text("utf-8")
    if COPY in text:
        leave = shutil.ignore_patterns("__pycache__", "corpus", "wild", "networks")
        for name in ("verifier", "tests"):
            shutil.copytree(ROOT / name, folder / name, ignore=leave)
        shutil.copy(ROOT / "pyproject.toml", folder)
    names: dict[str, Any] = {"__name__": "page"}
    printed = ""
    for block in blocks(text):
        place = f"{page.name}:{block.line}"
        if block.said in LEFT_TO_CI:
            continue
        if block.told("file"):
            _write(folder / block.told("file"), block.text)
        elif block.told("in"):
            _put(folder / block.told("in"), block)
        elif block.language == "python":
            printed = _execute(block, folder, names, page.stem)
        elif block.language == "toml":
            _specification(block.text, place)
        elif block.language == "yaml":
            _hooks(block.text)
        elif block.language == "console":
            yield block, _console(block.text, folder, place)
        elif block.language == "sh":
            for line in block.text.splitlines():
                _run(line, folder, place)
        else:
            assert block.said == "<!-- prints -->", f"{place}: a block that nothing runs"
            yield block, printed


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")


def _put(path: Path, block: Block) -> None:
    found = re.search(r", (before|after|instead of): (.*) -->", block.said)
    assert found, block.said
    where, mark = found.groups()
    text = path.read_text("utf-8")
    assert text.count(mark) == 1, f"{path.name} has {mark!r} {text.count(mark)} times"
    put = block.text if mark.endswith("\n") or "\n" in block.text[:-1] else block.text[:-1]
    new = {"before": block.text + mark, "after": f"{mark}\n{block.text[:-1]}", "instead of": put}
    path.write_text(text.replace(mark, new[where]), "utf-8")


def _execute(block: Block, folder: Path, names: dict[str, Any], stem: str) -> str:
    """Run Python of a page and return what it prints."""
    file = folder / f"{stem}_{block.line}.py"
    file.write_text(block.text, "utf-8")
    said = io.StringIO()
    with contextlib.chdir(folder), contextlib.redirect_stdout(said):
        sys.path.insert(0, str(folder))
        try:
            exec(compile(block.text, str(file), "exec"), names)
        finally:
            sys.path.remove(str(folder))
    return said.getvalue()


def _specification(text: str, place: str) -> None:
    with tempfile.TemporaryDirectory() as alone:
        file = Path(alone) / "verifier.toml"
        file.write_text(text, "utf-8")
        wrong = [spec.error for spec in read(file).checks if spec.error]
    assert not wrong, f"{place}: {wrong}"


def _hooks(text: str) -> None:
    """Check that the hooks of a pre-commit configuration are ours."""
    ours = re.findall(r"- id: (\S+)", (ROOT / ".pre-commit-hooks.yaml").read_text("utf-8"))
    asked = re.findall(r"- id: (\S+)", text)
    assert asked and set(asked) <= set(ours), (asked, ours)


def _console(text: str, folder: Path, place: str) -> str:
    """Run the commands of a console block and return the block with what they print now."""
    commands = [line for line in text.splitlines() if line.startswith("$ ")]
    return "".join(f"{line}\n{_run(line[2:], folder, place)}" for line in commands)


def _run(line: str, folder: Path, place: str) -> str:
    plugin = "" if _INSTALLED else " -p verifier.pytest_plugin"
    command = re.sub(r"^verifier\b", f"{sys.executable} -m verifier", line)
    command = re.sub(r"^pytest\b", f"{sys.executable} -m pytest{plugin}", command)
    command = re.sub(r"^python\b", sys.executable, command)
    own = folder if (folder / "verifier").is_dir() else ROOT
    environment = {**os.environ, "PYTHONPATH": str(own), "COLUMNS": "100", "NO_COLOR": "1"}
    done = subprocess.run(
        command, shell=True, cwd=folder, env=environment, text=True, check=False,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip
    told = re.search(r"# exits (\d+)", line)
    assert done.returncode == int(told[1] if told else 0), f"{place}: {line}\n{done.stdout}"
    return done.stdout


def timeless(text: str) -> str:
    """Return printed text without its times, and without white space at the ends of lines."""
    return "\n".join(line.rstrip() for line in _TIME.sub("T s", text).strip().splitlines())


def renew(page: Path) -> bool:
    """Write into a page what its commands print now; tell whether anything changed."""
    text = page.read_text("utf-8")
    with tempfile.TemporaryDirectory() as folder:
        shown = list(runs(page, Path(folder)))
    new = text
    for block, now in reversed(shown):
        if timeless(block.text) != timeless(now):
            new = new[: block.start] + now.strip("\n") + "\n" + new[block.end :]
    page.write_text(new, "utf-8")
    return new != text


if __name__ == "__main__":
    wanted = [Path(name).resolve() for name in sys.argv[2:]] or PAGES
    assert sys.argv[1:2] == ["--write"], "python -m tests.documents --write [PAGE ...]"
    for found in wanted:
        print(f"{found.relative_to(ROOT)}: {'renewed' if renew(found) else 'as it was'}")
