"""Write a file so that nothing is ever lost: beside it first, then renamed over it."""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
import stat
from pathlib import Path

from ..errors import VerifierError

_REMEDIES = {
    errno.EACCES: "You may not write there: choose another folder with -o.",
    errno.EPERM: "You may not write there: choose another folder with -o.",
    errno.EROFS: "That disk is read-only: choose another folder with -o.",
    errno.ENOSPC: "The disk is full: free some space; what was there before is untouched.",
    errno.EDQUOT: "Your quota is used up: free some space; what was there before is untouched.",
    errno.EISDIR: "That is a folder: add a file name such as report.json.",
    errno.ENOTDIR: "A part of the path is a file, not a folder: choose another path.",
    errno.EEXIST: "A part of the path is a file, not a folder: choose another path.",
    errno.ENAMETOOLONG: "The name is too long for this disk: choose a shorter one.",
}


def write(path: str | os.PathLike[str], text: str | bytes) -> Path:
    """Write `text` to `path`, in UTF-8, and return the path; missing folders are made.

    The text goes to a new file in the same folder, to the disk, and then takes the name in one
    step: a reader sees the old file or the new one, never a half. A pipe or device is written to
    directly. Raises VerifierError (`cannot-write`) with the reason and what to do.
    """
    goal = Path(path)
    try:
        _write(goal, text.encode("utf-8", "backslashreplace") if isinstance(text, str) else text)
    except (OSError, ValueError) as problem:
        code = problem.errno if isinstance(problem, OSError) else None
        reason = os.strerror(code) if code else str(problem)
        raise VerifierError(
            f"cannot write {os.fspath(path)!r}: {reason}",
            slug="cannot-write",
            hint=_REMEDIES.get(code or 0, "Choose another path with -o."),
        ) from problem
    return goal


def _write(goal: Path, data: bytes) -> None:
    goal = Path(os.path.realpath(goal))  # through a link: the link stays, its target changes
    goal.parent.mkdir(parents=True, exist_ok=True)
    mode = goal.stat().st_mode if goal.exists() else None
    if mode is not None and stat.S_ISDIR(mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
    if mode is not None and not stat.S_ISREG(mode):
        with open(goal, "wb") as stream:
            stream.write(data)
        return
    if mode is not None and not os.access(goal, os.W_OK):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
    beside = goal.parent / f".verifier-{secrets.token_hex(8)}.tmp"
    try:
        descriptor = os.open(beside, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o666)
        with open(descriptor, "wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        if mode is not None:
            os.chmod(beside, stat.S_IMODE(mode))
        os.replace(beside, goal)
    except BaseException:
        with contextlib.suppress(OSError):
            beside.unlink()
        raise
    _sync_folder(goal.parent)


def _sync_folder(folder: Path) -> None:
    """Make the rename itself durable, where the system can."""
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
