"""On what does an answer depend? The files a process read, and the versions it ran.

Python's audit events name every file that is opened and every module that is looked for. A check
whose code may depend on what no event tells (the clock, an environment variable, a program it
starts, a compiled library that reads files itself) has a footprint that never holds again.
"""

from __future__ import annotations

import ast
import hashlib
import importlib.machinery
import os
import platform
import sys
import sysconfig
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import msgspec

from . import __version__
from .importing import is_users_file

# Compiled libraries that open files through Python only; scipy.io reads some in C++.
_OPEN = {"numpy", "scipy", "flint", "msgspec", "mpmath", "gmpy2", "hypothesis", "markupsafe",
         "ml_dtypes", "click", "jinja2"}  # fmt: skip
_CLOSED = ("scipy.io",)
_UNSEEN_EVENTS = {
    "subprocess.Popen", "os.system", "os.posix_spawn", "os.exec", "os.fork", "os.forkpty",
    "socket.connect", "socket.bind", "socket.getaddrinfo", "sqlite3.connect", "ctypes.dlopen",
    "os.putenv", "os.chdir",
}  # fmt: skip
# Names in a subject's source through which it could learn what no event tells.
_UNSEEN_NAMES = {
    "environ", "environb", "getenv", "time", "monotonic", "perf_counter", "datetime", "date",
    "uuid", "secrets", "urandom", "SystemRandom", "getpid", "gethostname", "uname", "exists",
    "is_file", "is_dir", "isfile", "isdir", "stat", "getmtime", "getsize", "cpu_count",
    "default_rng", "RandomState", "SeedSequence", "PCG64", "PCG64DXSM", "MT19937", "Philox",
    "SFC64", "stdin", "argv",
}  # fmt: skip
_SEEDED = {"default_rng", "RandomState", "SeedSequence", "PCG64", "PCG64DXSM", "MT19937", "Philox",
           "SFC64"}  # fmt: skip
_SYSTEM = ("/proc/", "/sys/", "/dev/")
_FLAGS = ("PYTHON", "OMP_", "OPENBLAS_", "MKL_", "NPY_", "VERIFIER_")
_COMPILED = tuple(importlib.machinery.EXTENSION_SUFFIXES)


class Footprint(msgspec.Struct, frozen=True):
    """What an answer depends on.

    `files` maps files to the SHA-256 of their bytes, `stats` the files of libraries to size and
    time, `folders` a folder to a digest of all that is in it, `looked` one to a digest of what in
    it could be imported as one of `names` (on sys.path, `tops`). `unseen` says why it can never
    be told to hold.
    """

    machine: str
    path: tuple[str, ...]
    files: dict[str, str]
    stats: dict[str, tuple[int, int]]
    folders: dict[str, str]
    looked: dict[str, str]
    names: tuple[str, ...]
    tops: tuple[str, ...] = ()
    unseen: str = ""

    def sought(self, folder: str) -> tuple[str, ...]:
        """Return the names that were looked for in a folder: the first of each on sys.path."""
        return self.tops if folder in self.path else self.names


class _Heard:
    """What the audit events of this process told so far."""

    def __init__(self) -> None:
        self.opened: set[str] = set()
        self.listed: set[str] = set()
        self.names: set[str] = set()
        self.unseen = ""
        self.begun = time.time_ns()


_heard: _Heard | None = None


def begin() -> None:
    """Listen to this process from now on; what it imported so far is verifier's own."""
    global _heard
    if _heard is None:
        _heard = _Heard()
        sys.addaudithook(_hear)


def _hear(event: str, told: tuple[Any, ...]) -> None:
    if _heard is None:
        return
    if event == "open":
        _opened(_heard, *told)
    elif event == "import":
        _heard.names.add(str(told[0]))
    elif event in ("os.listdir", "os.scandir"):
        if not sys._getframe(1).f_code.co_filename.startswith("<frozen importlib"):
            _heard.listed.add(os.path.abspath(_text(told[0] if told[0] is not None else ".")))
    elif event in _UNSEEN_EVENTS and _by_the_user():
        _heard.unseen = _heard.unseen or f"its code caused {event}"


def _by_the_user() -> bool:
    """Tell whether code of the user's stands anywhere on the stack."""
    frame = sys._getframe(2)
    files = set()
    while frame is not None and frame.f_back is not None:
        files.add(frame.f_code.co_filename)
        frame = frame.f_back
    return any(is_users_file(file) for file in files)


def _opened(heard: _Heard, path: Any, mode: Any, flags: Any) -> None:
    if isinstance(path, int):
        return
    writing = isinstance(flags, int) and flags & (os.O_WRONLY | os.O_RDWR)
    if isinstance(mode, str) and set(mode) & set("wax+"):
        writing = 1
    place = os.path.abspath(_text(path))
    if writing and place != os.devnull:
        heard.unseen = heard.unseen or f"its code wrote {os.path.basename(place)}"
    elif place in ("/dev/urandom", "/dev/random"):
        heard.unseen = heard.unseen or "its code read random bytes"
    heard.opened.add(place)


def _text(path: Any) -> str:
    return os.fsdecode(path) if isinstance(path, bytes | os.PathLike) else str(path)


def taken() -> Footprint:
    """Return what this process depends on so far; `begin` was called before."""
    assert _heard is not None
    own, libraries, unseen = _modules()
    own |= {p for p in _heard.opened if not p.endswith(".pyc") and not p.startswith(_SYSTEM)}
    own = {p for p in own if p not in libraries and is_users_file(p)}
    unseen = _heard.unseen or unseen
    for file in sorted(own):
        unseen = unseen or source_reason(file)
        if os.path.isfile(file) and os.stat(file).st_mtime_ns >= _heard.begun:
            unseen = unseen or f"{os.path.basename(file)} was changed meanwhile"
    dotted = _heard.names | set(sys.modules)
    names = tuple(sorted({part for name in dotted for part in name.split(".")}))
    tops = tuple(sorted({name.partition(".")[0] for name in dotted}))
    path = tuple(sys.path)
    folders = {os.path.abspath(f) for f in path} | {os.path.dirname(f) for f in own}
    return Footprint(
        machine(), path,
        {file: digest(file) for file in own},
        {file: status(file) for file in libraries},
        {folder: listing(folder, None) for folder in _heard.listed},
        {folder: listing(folder, tops if folder in path else names) for folder in folders},
        names, tops, unseen,
    )  # fmt: skip


def _modules() -> tuple[set[str], set[str], str]:
    """Return the user's source files, those of libraries, and a module nothing is known of."""
    own: set[str] = set()
    libraries: set[str] = set()
    unseen, stdlib = "", os.path.realpath(sysconfig.get_paths()["stdlib"]) + os.sep
    for name, module in list(sys.modules.items()):
        file = getattr(module, "__file__", None)
        if not isinstance(file, str):
            continue
        real = os.path.realpath(file)
        if file.endswith(_COMPILED) and not _known_compiled(name, real, stdlib):
            unseen = unseen or f"the compiled module {name} may read files unseen"
        if is_users_file(file):
            own.add(os.path.abspath(file))
        elif not real.startswith(stdlib) or "site-packages" in real:
            libraries.add(file)
    return own, libraries, unseen


def _known_compiled(name: str, real: str, stdlib: str) -> bool:
    inside = real.startswith(stdlib) and "site-packages" not in real
    return inside or (name.split(".")[0] in _OPEN and not name.startswith(_CLOSED))


def source_reason(file: str) -> str:
    """Return why the answer of this source may differ with all files the same, else ""."""
    if not file.endswith(".py"):
        return ""
    try:
        tree = ast.parse(Path(file).read_bytes())
    except (OSError, ValueError, SyntaxError):
        return f"{os.path.basename(file)} cannot be read again"
    seeded = {
        id(node.func) for node in ast.walk(tree)
        if isinstance(node, ast.Call) and (node.args or node.keywords)
    }  # fmt: skip
    for node in ast.walk(tree):
        for name in _names_of(node):
            if name in _UNSEEN_NAMES and not (name in _SEEDED and _harmless(node, seeded)):
                return f"{os.path.basename(file)}:{getattr(node, 'lineno', 1)} uses {name}"
    return ""


def _names_of(node: ast.AST) -> Iterable[str]:
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            yield name
        case ast.Import(names=aliases) | ast.ImportFrom(names=aliases):
            module = getattr(node, "module", None)
            for told in (module or "", *(alias.name for alias in aliases)):
                yield from told.split(".")


def _harmless(node: ast.AST, seeded: set[int]) -> bool:
    """Tell whether a generator is named in an import, or made with a seed."""
    return isinstance(node, ast.Import | ast.ImportFrom) or id(node) in seeded


def machine() -> str:
    """Return what else decides an answer: versions, the processor, flags in the environment."""
    found = {"PYTHONHASHSEED": "0", **os.environ}  # as a worker has it
    flags = sorted(f"{k}={v}" for k, v in found.items() if k.startswith(_FLAGS))
    parts = (__version__, sys.version, sys.executable, platform.platform(), _processor(), *flags)
    return hashlib.sha256("\0".join(parts).encode("utf-8", "replace")).hexdigest()


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text("utf-8", "replace").splitlines()
    except OSError:
        return platform.machine()
    return next((line for line in lines if line.startswith(("model name", "CPU part"))), "")


def digest(file: str) -> str:
    """Return the SHA-256 of a file's bytes, "" where it cannot be read."""
    try:
        return hashlib.sha256(Path(file).read_bytes()).hexdigest()
    except OSError:
        return ""


def status(file: str) -> tuple[int, int]:
    """Return size and time of change in nanoseconds, (-1, 0) where there is no such file."""
    try:
        found = os.stat(file)
    except OSError:
        return -1, 0
    return found.st_size, found.st_mtime_ns


def listing(folder: str, names: Iterable[str] | None) -> str:
    """Return a digest of the entries of a folder, of those only that could be one of `names`."""
    try:
        entries = sorted(os.listdir(folder))
    except OSError:
        return ""
    if names is not None:
        wanted = set(names)
        entries = [entry for entry in entries if entry.partition(".")[0] in wanted]
    return hashlib.sha256("\0".join(entries).encode("utf-8", "replace")).hexdigest()
