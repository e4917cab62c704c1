"""One worker process: start it, give it jobs, stop it in time, and say how it died."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from .importing import is_users_file, shown
from .verdicts import Origin
from .worker import Job, Reply, receive, send

# Seconds a fresh process may take to import the engine; a cold disk is slow, a hang is for ever.
START_SECONDS = 120.0
# Seconds after its own limit before a worker that did not end itself is killed from outside.
BACKSTOP_SECONDS = 1.0

_CRASHES = {"SIGSEGV", "SIGBUS", "SIGILL", "SIGFPE", "SIGABRT", "SIGTRAP", "SIGSYS"}
_PROGRAM = "import sys; sys.path[:] = {own!r}; from verifier.serving import serve; serve({path!r})"


@dataclass(frozen=True, slots=True)
class Death:
    """How a worker ended in the middle of a job: a sentence, and the user's line if known."""

    sentence: str
    where: Origin | None


@dataclass(frozen=True)
class Process:
    """A running worker; `path` is its sys.path, `said` the file behind its standard error."""

    popen: subprocess.Popen[bytes]
    path: tuple[str, ...]
    said: BinaryIO

    def do(self, job: Job) -> Reply | Death:
        """Give the worker a job and wait for its answer, or for its end."""
        due = True
        while True:
            try:
                if due:
                    send(self._jobs, job)
            except OSError:
                return self._death(job.limit, killed=False)
            reply, killed = self._reply(job.limit + BACKSTOP_SECONDS)
            if reply is None:
                return self._death(job.limit, killed=killed)
            if reply.kind == "done":
                return reply
            due = reply.kind == "again"

    def kill(self) -> None:
        """End the worker and everything it started."""
        with contextlib.suppress(OSError):
            os.killpg(self.popen.pid, signal.SIGKILL)
        self.popen.kill()

    def close(self) -> None:
        """Let an idle worker end; release what it held."""
        self.kill()
        self.popen.wait()
        for stream in (self.popen.stdin, self.popen.stdout, self.said):
            with contextlib.suppress(OSError):
                if stream is not None:
                    stream.close()

    @property
    def _jobs(self) -> BinaryIO:
        assert self.popen.stdin is not None
        return self.popen.stdin  # type: ignore[return-value]

    def _reply(self, limit: float) -> tuple[Reply | None, bool]:
        """Return the next answer, and whether the worker was killed for taking too long."""
        assert self.popen.stdout is not None
        with _killing_after(self, limit) as late:
            reply = receive(self.popen.stdout, Reply)  # type: ignore[arg-type]
        return (reply if isinstance(reply, Reply) else None), late.is_set()

    def _death(self, limit: float, *, killed: bool) -> Death:
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.popen.wait(timeout=5)
        self.kill()
        code = self.popen.wait()
        self.said.seek(0)
        said = self.said.read().decode("utf-8", "replace")
        self.close()
        if killed or said.lstrip().startswith("Timeout ("):
            return Death(f"did not return within {limit:g} s", _place(said))
        return Death(_ending(code), _place(said))


def start(path: tuple[str, ...]) -> Process:
    """Start a worker whose sys.path is `path` and wait until it is ready."""
    # The engine is imported from the libraries first: no file of the user's may pass for numpy.
    # Where this very package lies counts as one of them, or the worker might be another version.
    here = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    own = sorted(filter(None, sys.path), key=lambda folder: os.path.abspath(
        folder) != here and is_users_file(f"{folder}/x.py"))
    program = _PROGRAM.format(own=own, path=path)
    said = tempfile.TemporaryFile()  # noqa: SIM115  lives as long as the process
    popen = subprocess.Popen(
        [sys.executable, "-c", program],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=said,
        env={"PYTHONHASHSEED": "0", **os.environ},
        start_new_session=True,  # Ctrl-C is for the command, which ends its workers
    )
    process = Process(popen, path, said)
    reply, _ = process._reply(START_SECONDS)
    if reply is None:
        popen.wait()
        said.seek(0)
        text = said.read().decode("utf-8", "replace").strip()
        process.close()
        last = text if os.environ.get("VERIFIER_DEBUG") else text.rpartition("\n")[2]
        raise RuntimeError(f"a worker process did not start: {last or 'it said nothing'}")
    return process


@contextlib.contextmanager
def _killing_after(process: Process, limit: float) -> Iterator[threading.Event]:
    late = threading.Event()

    def expired() -> None:
        late.set()
        process.kill()

    timer = threading.Timer(limit, expired)
    timer.daemon = True
    timer.start()
    try:
        yield late
    finally:
        timer.cancel()


def _ending(code: int) -> str:
    """Return the sentence for an exit code, negative for a signal."""
    if code >= 0:
        return f"ended its process with exit code {code} (os._exit, or a library that aborts)"
    try:
        name = signal.Signals(-code).name
    except ValueError:
        name = f"signal {-code}"
    if name == "SIGKILL":
        return "was killed (SIGKILL) while it ran: most often the machine ran out of memory"
    if name in _CRASHES:
        return f"crashed its process ({name}) in compiled code"
    return f"was ended by the signal {name} while it ran"


def _place(said: str) -> Origin | None:
    """Return the user's line in what faulthandler wrote, innermost first."""
    for file, line in re.findall(r'File "(.+?)", line (\d+) in', said):
        if is_users_file(file):
            return Origin(shown(file), int(line))
    return None
