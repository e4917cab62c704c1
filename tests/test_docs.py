"""Every code block of README.md, CONTRIBUTING.md and docs/ runs and prints what the page shows."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from .documents import PAGES, ROOT, blocks, runs, timeless
from .pages import pages

RULES = ROOT / "docs" / "rules"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_what_the_page_shows_is_so(page: Path, tmp_path: Path) -> None:
    for block, now in runs(page, tmp_path):
        assert timeless(now) == timeless(block.text), f"{page.name}:{block.line}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_leads_somewhere(page: Path) -> None:
    text = page.read_text("utf-8")
    for target in re.findall(r"\]\(([^)]+)\)", re.sub(r"```.*?```", "", text, flags=re.S)):
        if target.startswith(("https://", "http://")):
            continue
        file, _, heading = target.partition("#")
        there = (page.parent / file) if file else page
        assert there.exists(), f"{page.name}: {target}"
        if heading:
            assert heading in anchors(there.read_text("utf-8")), f"{page.name}: {target}"


def anchors(text: str) -> set[str]:
    headings = re.findall(r"^#+ (.+)$", text, re.M)
    return {re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in headings}


def test_the_pages_of_rules_and_errors_are_what_the_package_says() -> None:
    for path, text in pages().items():
        assert path.read_text("utf-8") == text, f"{path.name}: run `python -m tests.pages`"
    assert {path.name for path in RULES.iterdir()} == {p.name for p in pages() if p.parent == RULES}


def test_no_page_is_forgotten() -> None:
    index = (ROOT / "docs" / "README.md").read_text("utf-8")
    for page in (ROOT / "docs").glob("*.md"):
        assert page.name == "README.md" or f"({page.name})" in index, page.name


def test_blocks_are_found_with_what_is_said_of_them() -> None:
    page = "x\n<!-- file: a.py -->\n```python\n1\n```\n\n```console\n$ ls\na.py\n```\n"
    found = blocks(page)
    assert [b.language for b in found] == ["python", "console"]
    assert found[0].told("file") == "a.py" and not found[1].said
    assert found[1].text == "$ ls\na.py\n"
