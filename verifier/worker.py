"""What the process that runs the user's code does: a job is a question, a reply its answer.

Nothing the user's code does may reach the command: what it prints is kept aside, and a crash, an
endless loop or os._exit ends this process only. Frames are a 4-byte length and msgpack.
"""

from __future__ import annotations

import contextlib
import faulthandler
import io
import os
import random
import struct
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO, Literal

import msgspec

from .errors import VerifierError
from .footprint import Footprint
from .specification import CheckSpec
from .verdicts import Check, Origin

_LENGTH = struct.Struct(">I")
_KEPT = 4096  # bytes of the subject's printing that are kept


class Job(msgspec.Struct, frozen=True):
    """What the command asks of a worker: `collect` the claims of a file, or `check` one.

    `limit` is in seconds, for the import of the subject and for the check each. A `traced` job's
    answer says what it depends on.
    """

    kind: Literal["collect", "check"]
    spec: CheckSpec
    limit: float
    traced: bool = False

    @property
    def home(self) -> tuple[str, bool]:
        """Return what the jobs that share a process have in common: the subject's file."""
        file = self.spec.position is not None
        return (self.spec.subject if file else self.spec.subject.partition(":")[0]), self.traced


class Reply(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a worker answers: `ready`, `prepared` (the subject is imported), `done`; or `again`.

    `again` asks for the same job once more: the child it was sent to serves another file.
    """

    kind: Literal["ready", "prepared", "done", "again"]
    check: Check | None = None
    specs: tuple[CheckSpec, ...] = ()
    internal: bool = False
    footprint: Footprint | None = None
    cached_seconds: float | None = None


def send(stream: BinaryIO, message: Job | Reply) -> None:
    """Write one frame."""
    data = msgspec.msgpack.encode(message)
    stream.write(_LENGTH.pack(len(data)) + data)
    stream.flush()


def receive(stream: BinaryIO, kind: type[Job] | type[Reply]) -> Job | Reply | None:
    """Read one frame; None where the other side has gone."""
    header = stream.read(_LENGTH.size)
    if len(header) < _LENGTH.size:
        return None
    (length,) = _LENGTH.unpack(header)
    data = stream.read(length)
    return msgspec.msgpack.decode(data, type=kind) if len(data) == length else None


class _Kept(io.RawIOBase):
    """A stream that keeps the first bytes written to it, and how many lines there were."""

    def __init__(self) -> None:
        self.kept, self.lines = b"", 0

    def writable(self) -> bool:
        return True

    def write(self, data: bytes) -> int:  # type: ignore[override]
        written = bytes(data)
        self.kept += written[: _KEPT - len(self.kept)]
        self.lines += written.count(b"\n")
        return len(written)

    def fileno(self) -> int:
        return 1

    def note(self) -> str:
        """Return the sentence for the report, empty where nothing was printed."""
        text = self.kept.decode("utf-8", "replace").strip()
        if not text:
            return ""
        first = text.splitlines()[0][:100]
        more = f" and {self.lines - 1} more lines" if self.lines > 1 else ""
        return f"the subject's code printed {first!r}{more} while it was checked"


def heard(job: Job, prepared: Callable[[], None]) -> Reply:
    """Do a job with the subject's prints kept aside, stopped for good at its limit."""
    printed = _Kept()
    sys.stdout = io.TextIOWrapper(io.BufferedWriter(printed), "utf-8", "replace")
    sys.stderr = io.TextIOWrapper(io.BufferedWriter(_Kept()), "utf-8", "replace")
    stop_after(job.limit)

    def ready() -> None:
        prepared()
        stop_after(job.limit)

    try:
        reply = _collected(job) if job.kind == "collect" else _checked(job, ready)
    finally:
        faulthandler.cancel_dump_traceback_later()
        with contextlib.suppress(OSError, ValueError):  # closed by the subject
            sys.stdout.flush()
    return _traced(job, _with_note(reply, printed.note()))


def _traced(job: Job, reply: Reply) -> Reply:
    if not job.traced:
        return reply
    from .footprint import taken

    return msgspec.structs.replace(reply, footprint=taken())


def stop_after(limit: float) -> None:
    """End this process after `limit` seconds, saying on fd 2 where it was, whatever it does."""
    faulthandler.dump_traceback_later(limit, exit=True, file=2)


def _collected(job: Job) -> Reply:
    from .declared import declared_in
    from .importing import import_file, sentence, shown
    from .words import written

    spec = job.spec
    try:
        found = declared_in(import_file(Path(spec.subject)))
    except VerifierError as error:
        where = error.where or spec.where
        wrong = msgspec.structs.replace(spec, error=sentence(error), where=where)
        return Reply("done", specs=(wrong,))
    specs = []
    for position, declared in enumerate(found):
        where = Origin(shown(declared.where.file), declared.where.line, declared.where.text)
        told = {"budget": declared.told["budget"]} if "budget" in declared.told else {}
        made = (declared.name, spec.subject, told, where, spec.root, spec.pythonpath, position)
        specs.append(CheckSpec(*made, claims=written(declared.told)))
    return Reply("done", specs=tuple(specs))


def _checked(job: Job, prepared: Callable[[], None]) -> Reply:
    from .answer import answered, failed, request_of_declared, request_of_spec
    from .declared import declared_in
    from .importing import import_file

    spec = job.spec
    random.seed(0)
    if "numpy" in sys.modules:
        sys.modules["numpy"].random.seed(0)
    try:
        if spec.position is None:
            asked = request_of_spec(spec)
        else:
            declared = declared_in(import_file(Path(spec.subject)))
            asked = request_of_declared(declared[spec.position], spec.told)
        prepared()
        return Reply("done", check=answered(asked))
    except VerifierError as error:
        return Reply("done", check=failed(spec.name, spec.subject, error, spec.where))
    except BaseException as error:
        return _raised(spec, error)


def _raised(spec: CheckSpec, error: BaseException) -> Reply:
    """Return the ERROR check of an exception nothing else caught, the user's or ours."""
    from .answer import failed
    from .importing import is_users_doing

    if is_users_doing(error):
        return Reply("done", check=failed(spec.name, spec.subject, error, spec.where))
    last = traceback.extract_tb(error.__traceback__)[-1]
    text = f"{type(error).__name__}: {' '.join(str(error).split())}".rstrip(".")
    ours = f"internal error at {os.path.basename(last.filename)}:{last.lineno}: {text}"
    told = RuntimeError(f"{ours}. Set VERIFIER_DEBUG=1 for the traceback, and please report it.")
    if os.environ.get("VERIFIER_DEBUG"):
        told = RuntimeError(ours + "\n" + "".join(traceback.format_exception(error)))
    check = failed(spec.name, spec.subject, told)
    check = msgspec.structs.replace(check, error=str(told), origin=spec.where)
    return Reply("done", check=check, internal=True)


def _with_note(reply: Reply, note: str) -> Reply:
    if not note or reply.check is None or not reply.check.claims:
        return reply
    first, *others = reply.check.claims
    evidence = first.evidence
    evidence = msgspec.structs.replace(evidence, notes=(*evidence.notes, note))
    claims = (msgspec.structs.replace(first, evidence=evidence), *others)
    return msgspec.structs.replace(reply, check=msgspec.structs.replace(reply.check, claims=claims))
