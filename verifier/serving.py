"""The worker process: one that imported the engine, and a fork of it for each file of subjects.

The first runs nobody's code. Its child lives as long as the jobs are of one file and the code
there leaves its surroundings as they were; so no file's code can reach another's.
"""

from __future__ import annotations

import faulthandler
import mmap
import os
import signal
import sys
import warnings
from types import FrameType
from typing import BinaryIO

from .errors import VerifierError
from .worker import Job, Reply, heard, receive, send

_HERE = os.path.dirname(os.path.abspath(__file__)) + os.sep


def serve(path: tuple[str, ...]) -> None:
    """Answer jobs until the input ends; the subjects are imported with `path` as sys.path."""
    jobs, replies = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    nowhere = os.open(os.devnull, os.O_RDWR)
    os.dup2(nowhere, 0)
    os.dup2(nowhere, 1)
    faulthandler.enable(file=2)
    import hypothesis  # noqa: F401  the engine is imported before the clock starts, and once

    from . import answer  # noqa: F401

    sys.path[:] = path
    send(replies, Reply("ready"))
    left = mmap.mmap(-1, 1)  # shared with the child, which says here that it ended of its own will
    while isinstance(job := receive(jobs, Job), Job):
        left[0] = 0
        with warnings.catch_warnings(action="ignore"):
            child = os.fork()
        if not child:
            _live(job, jobs, replies)
            left[0] = 1
            os._exit(0)
        _, status = os.waitpid(child, 0)
        if not left[0]:
            _die_as(os.waitstatus_to_exitcode(status))


def _live(job: Job, jobs: BinaryIO, replies: BinaryIO) -> None:
    """Do jobs of one file, until there are no more or the code has changed its surroundings."""
    from .surroundings import surroundings, trusted

    home, own, clean = job.home, os.getpid(), trusted()
    before: tuple[object, ...] | None = None
    if job.traced:
        from . import footprint

        footprint.begin()

    os.register_at_fork(after_in_child=lambda: sys.setprofile(_end_copy))

    def say(reply: Reply) -> None:
        if os.getpid() != own:
            os._exit(0)
        nonlocal before
        before = surroundings() if reply.kind == "prepared" else before
        send(replies, reply)

    while True:
        say(unchanged_by(job, heard(job, lambda: say(Reply("prepared"))), clean))
        spoilt = before is not None and surroundings() != before
        following = receive(jobs, Job)
        if not isinstance(following, Job):
            return
        if spoilt or following.home != home:
            say(Reply("again"))
            return
        job = following


def unchanged_by(job: Job, reply: Reply, clean: dict[str, dict[str, object]]) -> Reply:
    """Return the answer, an ERROR where the subject changed what answers are computed with."""
    from .answer import failed
    from .surroundings import replaced

    if reply.check is None or not (told := replaced(clean)):
        return reply
    hint = "Restore it before returning, or take a copy of your own."
    error = VerifierError(told, slug="replaced-library", hint=hint, where=job.spec.where)
    return Reply("done", failed(job.spec.name, job.spec.subject, error, job.spec.where))


def _end_copy(frame: FrameType, event: str, _: object) -> None:
    """End a copy of this process, which the subject forked, where it comes back to us."""
    caller = frame.f_back.f_code.co_filename if frame.f_back else ""
    if event == "return" and caller.startswith(_HERE) and frame.f_code.co_filename != caller:
        os._exit(0)


def _die_as(code: int) -> None:
    """End this process as its child ended: by the same signal or with the same exit code."""
    if code < 0:
        if -code not in (signal.SIGKILL, signal.SIGSTOP):
            signal.signal(-code, signal.SIG_DFL)
        os.kill(os.getpid(), -code)
        signal.pause()
    os._exit(code)
