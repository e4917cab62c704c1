"""Which of the project's files does a check name, and which do these import? Read, never run.

Imports are followed through the syntax trees of the files: in functions, under `if`, and in text
that reads like the name of a module of the project.
"""

from __future__ import annotations

import ast
import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .importing import is_users_file
from .resolve import is_reference
from .specification import CheckSpec

_READS = re.compile(r"open|load|read|fromfile|genfromtxt|memmap|glob|Path|iterdir|listdir|scandir")
_DYNAMIC = {"import_module", "__import__", "exec", "eval", "run_path", "run_module"}
_DOTTED = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)*\Z")


@dataclass
class Sources:
    """The files a check depends on, as far as reading them tells.

    `reads` says that they may read other files too, `dynamic` that they import by computed names.
    """

    files: set[Path] = field(default_factory=set)
    reads: bool = False
    dynamic: bool = False


@dataclass
class Reader:
    """Finds and parses the project's files, each once."""

    trees: dict[Path, ast.Module | None] = field(default_factory=dict)

    def tree(self, file: Path) -> ast.Module | None:
        """Return the syntax tree of a file, None where it has none."""
        if file not in self.trees:
            try:
                self.trees[file] = ast.parse(file.read_bytes(), str(file))
            except (OSError, ValueError, SyntaxError, RecursionError, MemoryError):
                self.trees[file] = None
        return self.trees[file]

    def sources(self, spec: CheckSpec) -> Sources:
        """Return what a check depends on."""
        found, folders = Sources(), search_folders(spec)
        waiting = [file for text in references(spec) for file in self.named(text, spec)]
        while waiting:
            file = waiting.pop()
            if file in found.files or not is_users_file(str(file)):
                continue
            found.files.add(file)
            if (tree := self.tree(file)) is not None:
                self._note(tree, found)
                waiting += self._imported(file, tree, [*folders, file.parent])
        return found

    def named(self, reference: str, spec: CheckSpec) -> Iterator[Path]:
        """Yield the files of the module that a reference names, its packages' first."""
        place, _, _ = reference.partition(":")
        if place.endswith(".py"):
            yield (Path(spec.root) / os.path.expanduser(place)).resolve()
        else:
            yield from module_files(place, search_folders(spec))

    @staticmethod
    def _note(tree: ast.Module, found: Sources) -> None:
        for node in ast.walk(tree):
            name = getattr(node, "id", None) or getattr(node, "attr", None)
            if isinstance(name, str):
                found.reads |= bool(_READS.search(name))
                found.dynamic |= name in _DYNAMIC

    @staticmethod
    def _imported(file: Path, tree: ast.Module, folders: Sequence[Path]) -> Iterator[Path]:
        for node in ast.walk(tree):
            match node:
                case ast.Import(names=aliases):
                    for alias in aliases:
                        yield from module_files(alias.name, folders)
                case ast.ImportFrom(module=module, names=aliases, level=level):
                    above = [file.parents[min(level, len(file.parents)) - 1]] if level else folders
                    for name in ("", *(f".{alias.name}" for alias in aliases)):
                        yield from module_files(f"{module or ''}{name}".strip("."), above)
                    if level:
                        yield from _package(above[0])
                case ast.Constant(value=str(text)) if is_reference(text) or _DOTTED.match(text):
                    place = text.partition(":")[0]
                    if place.endswith(".py") and (file.parent / place).is_file():
                        yield (file.parent / place).resolve()
                    yield from module_files(place, folders)


def search_folders(spec: CheckSpec) -> list[Path]:
    """Return the folders a check's modules may be in: pythonpath, its root, the working folder."""
    return [Path(folder) for folder in dict.fromkeys((*spec.pythonpath, spec.root, os.getcwd()))]


def references(spec: CheckSpec) -> Iterator[str]:
    """Yield every reference a check makes: its subject, its derivatives, its data."""
    yield spec.subject if spec.position is None else f"{spec.subject}:"
    yield from _references_in(spec.told)


def _references_in(told: Any) -> Iterator[str]:
    if isinstance(told, str):
        if is_reference(told):
            yield told
    elif isinstance(told, dict):
        for value in told.values():
            yield from _references_in(value)
    elif isinstance(told, list | tuple):
        for value in told:
            yield from _references_in(value)


def module_files(name: str, folders: Sequence[Path]) -> Iterator[Path]:
    """Yield the files that importing `name` runs, of the first of `folders` that has it."""
    parts = name.split(".") if name else []
    for folder in folders:
        if parts and (is_module(folder / parts[0])):
            place = folder
            for part in parts:
                place /= part
                yield from _package(place)
                if place.with_name(f"{part}.py").is_file():
                    yield place.with_name(f"{part}.py").resolve()
            return


def is_module(place: Path) -> bool:
    """Tell whether a path without suffix is that of a module or a package."""
    return place.with_name(f"{place.name}.py").is_file() or place.is_dir()


def _package(folder: Path) -> Iterator[Path]:
    if (folder / "__init__.py").is_file():
        yield (folder / "__init__.py").resolve()
