"""Answers of earlier runs, each reused only while everything it depends on is unchanged.

An entry is one file: the SHA-256 of the rest, then the answer with its footprint. It is written
beside and renamed, so that two runs at once only write the same entry twice; whatever is damaged,
of another version or no longer holds is as good as absent.
"""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from . import footprint
from .errors import VerifierError
from .footprint import Footprint
from .renderers.write import write
from .verdicts import Verdict

if TYPE_CHECKING:
    from .worker import Job, Reply

FORMAT = b"verifier cache 1"  # 1: first
FOLDER = ".verifier_cache"
_SUM = 32  # bytes of a SHA-256


@dataclass
class Cache:
    """The entries in one folder, and what was looked up of the file system in this run."""

    folder: Path
    digests: dict[str, str] = field(default_factory=dict)
    stats: dict[str, tuple[int, int]] = field(default_factory=dict)
    listings: dict[tuple[str, tuple[str, ...]], str] = field(default_factory=dict)

    def answer(self, job: Job) -> Reply | None:
        """Return the answer to a job that was kept and still holds, None where there is none."""
        from .worker import Reply

        try:
            data = (self.folder / _name(job)).read_bytes()
            body = data[_SUM:]
            if hashlib.sha256(body).digest() != data[:_SUM]:
                return None
            reply = msgspec.msgpack.decode(body, type=Reply)
        except (OSError, ValueError):
            return None
        return reply if reply.footprint and self._holds(reply.footprint, job) else None

    def keep(self, job: Job, reply: Reply, seconds: float) -> None:
        """Keep an answer, unless the next run might find another; a full disk keeps none."""
        if not reply.footprint or reply.footprint.unseen or not _is_final(reply):
            return
        kept = msgspec.structs.replace(reply, cached_seconds=seconds)
        body = msgspec.msgpack.encode(kept)
        try:
            if not self.folder.exists():
                write(self.folder / ".gitignore", "# Made by verifier; may be deleted.\n*\n")
            write(self.folder / _name(job), hashlib.sha256(body).digest() + body)
        except VerifierError:
            return

    def _holds(self, found: Footprint, job: Job) -> bool:
        from .crew import search_path

        return (
            not found.unseen
            and found.machine == footprint.machine()
            and found.path[: len(search_path(job.spec))] == search_path(job.spec)
            and all(self._digest(file) == was for file, was in found.files.items())
            and all(self._status(file) == was for file, was in found.stats.items())
            and all(self._listing(folder, ()) == was for folder, was in found.folders.items())
            and all(self._listing(f, found.sought(f)) == was for f, was in found.looked.items())
        )

    def _digest(self, file: str) -> str:
        if file not in self.digests:
            self.digests[file] = footprint.digest(file)
        return self.digests[file]

    def _status(self, file: str) -> tuple[int, int]:
        if file not in self.stats:
            self.stats[file] = footprint.status(file)
        return self.stats[file]

    def _listing(self, folder: str, names: tuple[str, ...]) -> str:
        if (folder, names) not in self.listings:
            self.listings[folder, names] = footprint.listing(folder, names or None)
        return self.listings[folder, names]


def _name(job: Job) -> str:
    """Return the file of a job: another where anything that was told of it is different."""
    asked = msgspec.structs.replace(job, traced=False)
    told = msgspec.msgpack.encode((FORMAT, asked, os.getcwd()), order="deterministic")
    return hashlib.sha256(told).hexdigest()


def _is_final(reply: Reply) -> bool:
    """Tell whether a longer or a second run would say the same."""
    if reply.internal or any(spec.error for spec in reply.specs):
        return False
    check = reply.check
    return check is None or not (check.verdict is Verdict.ERROR or check.cut)
