"""`verifier run --changed`: which checks could have changed since the last commit?

What git calls changed (staged, unstaged, not yet added) is held against the files each check names
and imports. Where PRE_COMMIT_FROM_REF names a commit, as pre-commit sets it before a push, that is
what is compared with. A doubt counts as a change.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from .errors import BadSpec
from .project_sources import Reader
from .specification import CheckSpec, Specification, read

BASE = "PRE_COMMIT_FROM_REF"
_EMPTY = "4b825dc642cb6eb9a060e54bf8d69288fbee4904"  # git's name of the empty tree
_PROSE = {".md", ".rst", ".html", ".svg", ".png", ".pdf"}
_LOCKS = {"requirements.txt", "uv.lock", "poetry.lock", "pdm.lock", "Pipfile.lock"}


@dataclass(frozen=True)
class Changes:
    """What git tells: the top folder, the commit compared with, and the files that differ."""

    top: Path
    base: str
    files: frozenset[Path]

    @property
    def since(self) -> str:
        """Return the commit as one would call it."""
        return "the first commit" if self.base == _EMPTY else self.base[:12]


def changes(folder: Path) -> Changes:
    """Return what differs in the repository of `folder`; BadSpec outside of one."""
    top = Path(_git(folder, "rev-parse", "--show-toplevel").strip())
    base = os.environ.get(BASE) or "HEAD"
    if not _knows(top, base):
        if base != "HEAD":
            message = f"--changed: git knows no commit {base!r}, which {BASE} names"
            raise BadSpec(message, slug="no-git", hint="Fetch it, or unset the variable.")
        base = _EMPTY
    differing = _git(top, "diff", "--name-only", "--no-renames", "-z", base, "--").split("\0")
    unknown = _git(top, "ls-files", "--others", "--exclude-standard", "-z").split("\0")
    found = frozenset((top / name) for name in (*differing, *unknown) if name)
    return Changes(top, base, found)


def changed_checks(
    specs: Sequence[CheckSpec], configs: Iterable[Path], found: Changes
) -> list[CheckSpec]:
    """Return those of `specs` whose table, files or imports differ, in order."""
    configs = [config.resolve() for config in configs]
    lost = [file for file in found.files if file.suffix == ".py" and not file.exists()]
    locks = [file for file in found.files if file.name in _LOCKS]
    if lost or locks:
        return list(specs)
    data = any(_is_data(file, configs) for file in found.files)
    python = any(file.suffix == ".py" for file in found.files)
    before = _tables_before(configs, found)
    reader, kept = Reader(), []
    for spec in specs:
        sources = reader.sources(spec)
        differs = bool(sources.files & found.files) or spec.error or _table(spec) not in before
        if differs or (data and sources.reads) or (python and sources.dynamic):
            kept.append(spec)
    return kept


def _is_data(file: Path, configs: Sequence[Path]) -> bool:
    return file.suffix not in (".py", *_PROSE) and file not in configs


_Table = tuple[str, str, str, str, tuple[str, ...], int | None]


def _table(spec: CheckSpec) -> _Table:
    told = repr(sorted(spec.told.items()))
    return spec.name, spec.subject, told, spec.root, spec.pythonpath, spec.position


def _tables_before(configs: Iterable[Path], found: Changes) -> _Before:
    """Return the checks as the commit had them; those of an unchanged file are as they are."""
    before: list[Specification] = []
    for config in configs:
        if config not in found.files:
            before.append(_read(config, None))
            continue
        try:
            name = f"{found.base}:{config.relative_to(found.top)}"
            before.append(_read(config, _git(found.top, "show", name)))
        except (BadSpec, ValueError):
            continue
    return _Before(frozenset(_table(spec) for said in before for spec in said.checks))


def _read(config: Path, text: str | None) -> Specification:
    try:
        return read(config, text)
    except BadSpec:
        return Specification(())


@dataclass(frozen=True)
class _Before:
    tables: frozenset[_Table]

    def __contains__(self, table: object) -> bool:
        """Tell whether a check was there; a file of claims is asked by its own changes only."""
        assert isinstance(table, tuple)
        return table[-1] is not None or table in self.tables


def _knows(top: Path, commit: str) -> bool:
    try:
        _git(top, "rev-parse", "--verify", "--quiet", f"{commit}^{{commit}}")
    except BadSpec:
        return False
    return True


def _git(folder: Path, *words: str) -> str:
    try:
        done = subprocess.run(["git", *words], cwd=folder, capture_output=True, check=False)
    except OSError as error:
        hint = "Install git, or run without --changed."
        raise BadSpec("--changed: there is no git here", slug="no-git", hint=hint) from error
    if done.returncode:
        said = done.stderr.decode("utf-8", "replace").strip().splitlines()
        message = f"--changed: {folder} is in no git repository"
        if said and "not a git repository" not in said[0]:
            message = f"--changed: git {words[0]}: {said[0]}"
        hint = "Run without --changed, or inside a repository."
        raise BadSpec(message, slug="no-git", hint=hint)
    return done.stdout.decode("utf-8", "surrogateescape")
