"""The house rules that a machine can check: floors, frameworks, names and sizes."""

from __future__ import annotations

import ast
import functools
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parents[1] / "verifier"

# Imports point down: a module may import modules of its own folder and of lower floors.
FLOORS: tuple[tuple[str, ...], ...] = (
    (
        "verdicts", "claims", "claim_grammar", "domains", "endpoints", "intervals", "points_at",
        "settings", "errors", "exact", "nearest", "rules", "plotted",
        "statement",
    ),
    ("graph", "numerals"),
    ("primitives",),
    ("readers",),
    ("oracles", "frontends", "search"),
    ("checks", "diagnosis"),
    (
        "run", "cache", "certificate", "renderers", "answer", "settle", "specification", "words",
        "declared", "discovery", "resolve", "importing", "worker", "process", "crew",
        "allowing", "surroundings", "serving", "footprint", "project_sources", "changed",
        "lint",
    ),
    (
        "cli", "command_line", "pytest_plugin", "verifying", "report", "comparison", "baseline",
        "commands_between", "command_before", "carry_out",
        "__init__", "__main__",
    ),
)  # fmt: skip
FLOOR = {name: number for number, names in enumerate(FLOORS) for name in names}
FRAMEWORKS = {"torch", "jax", "jaxlib", "onnx", "scipy", "tensorflow"}
FORBIDDEN = re.compile(r"(^|_)(utils?|helpers?|common|base|core|managers?|handlers?|misc)(_|$)")
LINES_A_FILE, LINES_A_FUNCTION, CHARACTERS = 300, 40, 100

MODULES = sorted(PACKAGE.rglob("*.py"))


@functools.cache
def tree(module: Path) -> ast.Module:
    return ast.parse(module.read_text("utf-8"))


def part(module: Path) -> str:
    """Return the folder or file directly below the package that a module belongs to."""
    return module.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imported(module: Path) -> Iterator[tuple[int, str]]:
    """Yield (line, dotted name below the package) of each import of the package's own."""
    here = ("verifier", *module.relative_to(PACKAGE).parts[:-1])
    for node in ast.walk(tree(module)):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            start = ".".join(here[: len(here) - node.level + 1]) if node.level else ""
            source = ".".join(filter(None, (start, node.module)))
            names = [f"{source}.{alias.name}" for alias in node.names]
        else:
            continue
        for name in names:
            if name.startswith("verifier.") and name != "verifier.__version__":
                yield node.lineno, name.removeprefix("verifier.")


def test_every_module_has_a_floor() -> None:
    unknown = {part(module) for module in MODULES} - FLOOR.keys()
    assert not unknown, f"give {sorted(unknown)} a floor in DESIGN 8 and here"


@pytest.mark.parametrize("module", MODULES, ids=lambda m: str(m.relative_to(PACKAGE)))
def test_imports_point_down(module: Path) -> None:
    own = part(module)
    folder = own if (PACKAGE / own).is_dir() else ""
    for line, name in imported(module):
        target = name.split(".")[0]
        inside = target if (PACKAGE / target).is_dir() else ""
        place = f"{module}:{line}: imports {name}"
        assert target in FLOOR, f"{place}, which has no floor"
        assert FLOOR[target] <= FLOOR[own], f"{place}, which is above"
        if FLOOR[target] == FLOOR[own] and folder and inside:
            assert inside == folder, f"{place}, another folder of its floor"
        if own == "renderers" and target != own:
            assert FLOOR[target] == 0, f"{place}; renderers import floor 0 only"


@pytest.mark.parametrize("module", MODULES, ids=lambda m: str(m.relative_to(PACKAGE)))
def test_frameworks_are_imported_by_front_ends_inside_functions(module: Path) -> None:
    inside = {
        id(node)
        for function in ast.walk(tree(module))
        if isinstance(function, ast.FunctionDef)
        for node in ast.walk(function)
    }
    for node in ast.walk(tree(module)):
        if isinstance(node, ast.Import):
            roots = {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and not node.level:
            roots = {(node.module or "").split(".")[0]}
        else:
            continue
        if roots & FRAMEWORKS:
            assert part(module) == "frontends", f"{module}:{node.lineno}"
            assert id(node) in inside, f"{module}:{node.lineno}: import it inside the function"


@pytest.mark.parametrize("module", MODULES, ids=lambda m: str(m.relative_to(PACKAGE)))
def test_files_and_functions_are_small(module: Path) -> None:
    lines = module.read_text("utf-8").splitlines()
    assert not [n for n, line in enumerate(lines, 1) if len(line) > CHARACTERS], module
    if part(module) != "primitives":
        assert len(lines) <= LINES_A_FILE, f"{module} has {len(lines)} lines"
    for node in ast.walk(tree(module)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = (node.end_lineno or node.lineno) - node.lineno + 1
            told = f"{module}:{node.lineno}: {node.name} has {length} lines"
            assert length <= LINES_A_FUNCTION, told


@pytest.mark.parametrize("module", MODULES, ids=lambda m: str(m.relative_to(PACKAGE)))
def test_files_are_named_after_their_question(module: Path) -> None:
    assert not FORBIDDEN.search(module.stem), module
