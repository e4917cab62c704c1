"""Which files does `verifier run [PATHS]` read? Configurations and verify_*.py, nothing else."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from .errors import BadSpec
from .importing import shown
from .nearest import did_you_mean
from .specification import has_table

CONFIG, PYPROJECT = "verifier.toml", "pyproject.toml"
_SKIPPED = {"node_modules", "site-packages", "__pycache__", "build", "dist", "venv", "env"}


@dataclass(frozen=True, slots=True)
class Sources:
    """What one path stands for: at most one configuration, Python files, and their root."""

    root: Path
    config: Path | None = None
    files: tuple[Path, ...] = ()


def discover(paths: Sequence[str], working: Path) -> tuple[Sources, ...]:
    """Return the sources of `paths`; without any, those of the nearest configuration upward.

    Raises BadSpec for a path that does not exist or is of no readable kind.
    """
    if not paths:
        return (_nearest(working.resolve()),)
    return tuple(_named(path, working) for path in paths)


def _nearest(working: Path) -> Sources:
    folders = (working, *working.parents)
    for folder in folders:
        if found := _config_in(folder):
            return Sources(folder, found, tuple(_claim_files(folder)))
    root = next((folder for folder in folders if (folder / PYPROJECT).is_file()), working)
    return Sources(root, None, tuple(_claim_files(root)))


def _named(path: str, working: Path) -> Sources:
    place = working / os.path.expanduser(path)
    if place.is_dir():
        root = place.resolve()
        return Sources(root, _config_in(root), tuple(_claim_files(root)))
    if not place.exists():
        beside = [entry.name for entry in place.parent.iterdir()] if place.parent.is_dir() else []
        hint = did_you_mean(place.name, beside, otherwise="Name a folder, a .toml or a .py file.")
        raise BadSpec(f"no file or folder {path!r}", slug="no-such-file", hint=hint)
    place = place.resolve()
    if place.suffix == ".toml":
        return Sources(place.parent, place)
    if place.suffix == ".py":
        config = next((c for f in place.parents if (c := _config_in(f))), None)
        return Sources(config.parent if config else place.parent, None, (place,))
    message = f"{path!r} is neither a folder nor a .toml or .py file"
    raise BadSpec(message, slug="unknown-kind", hint="Name one of these.")


def _config_in(folder: Path) -> Path | None:
    if (folder / CONFIG).is_file():
        return folder / CONFIG
    pyproject = folder / PYPROJECT
    return pyproject if pyproject.is_file() and has_table(pyproject) else None


def _claim_files(root: Path) -> Iterator[Path]:
    """Yield every verify_*.py below `root`, sorted; hidden, built and installed ones are left."""
    for folder, folders, files in os.walk(root):
        folders[:] = sorted(f for f in folders if _is_source(Path(folder, f)))
        for file in sorted(files):
            if file.startswith("verify_") and file.endswith(".py"):
                yield Path(folder, file)


def _is_source(folder: Path) -> bool:
    hidden = folder.name.startswith(".") or folder.name in _SKIPPED
    return not hidden and not (folder / "pyvenv.cfg").exists()


def governing(root: Path) -> Path | None:
    """Return the configuration whose `pythonpath` holds for the Python files of `root`."""
    return _config_in(root)


def described(sources: Sequence[Sources]) -> str:
    """Return where was looked, for the message that there is nothing to check."""
    places = [p for s in sources for p in (s.files or (s.config or s.root,))]
    return ", ".join(dict.fromkeys(shown(str(place)) for place in places))
