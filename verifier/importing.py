"""Bring in the user's modules and files; what goes wrong is told in one sentence with its place."""

from __future__ import annotations

import importlib
import importlib.util
import linecache
import os
import pkgutil
import sys
import sysconfig
import traceback
from pathlib import Path
from types import ModuleType

from .errors import BadSubject, VerifierError
from .nearest import did_you_mean
from .verdicts import Origin

_HERE = os.path.dirname(os.path.abspath(__file__)) + os.sep
_LIBRARY = tuple(
    os.path.realpath(sysconfig.get_paths()[key]) + os.sep
    for key in ("stdlib", "platstdlib", "purelib", "platlib")
)
_LONGEST = 300


def one_line(error: BaseException) -> str:
    """Return `ZeroDivisionError: division by zero`, shortened to one line."""
    text = " ".join(str(error).split())
    if len(text) > _LONGEST:
        text = text[:_LONGEST] + " ..."
    name = type(error).__name__
    return f"{name}: {text}" if text else name


def sentence(error: VerifierError) -> str:
    """Return the message and the remedy of `error` without its place."""
    return str(error).removeprefix(f"{error.where}: ")


def is_users_file(file: str) -> bool:
    """Tell whether `file` is neither verifier's own, nor the standard library's or installed."""
    if file.startswith("<"):
        return False
    real = os.path.realpath(file)
    return not real.startswith((_HERE, *_LIBRARY)) and f"{os.sep}site-packages{os.sep}" not in real


def shown(path: str) -> str:
    """Return `path` relative to the working folder where it lies below it, else as it is."""
    relative = os.path.relpath(path) if os.path.isabs(path) else path
    return path if relative.startswith(os.pardir) else relative


def place_of(error: BaseException) -> Origin | None:
    """Return the deepest line of the user's own files in the traceback of `error`."""
    if isinstance(error, SyntaxError) and error.filename and error.lineno:
        return Origin(shown(error.filename), error.lineno, (error.text or "").strip())
    frames = [f for f in traceback.extract_tb(error.__traceback__) if is_users_file(f.filename)]
    if not frames:
        return None
    last = frames[-1]
    text = linecache.getline(last.filename, last.lineno or 0).strip()
    return Origin(shown(last.filename), last.lineno or 0, text)


def is_users_doing(error: BaseException) -> bool:
    """Tell whether `error` came out of the user's code rather than out of verifier's own."""
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        if is_users_file(frame.filename):
            return True
        if os.path.realpath(frame.filename).startswith(_HERE):
            return False
    return False


def import_module(name: str, where: Origin | None = None) -> ModuleType:
    """Import `name` (dotted); raise BadSubject where it is missing or raises."""
    try:
        return importlib.import_module(name)
    except KeyboardInterrupt:
        raise
    except ModuleNotFoundError as error:
        missing = error.name or ""
        if name == missing or name.startswith(missing + "."):
            raise _missing(missing, where) from error
        raise _raised(name, error, where) from error
    except BaseException as error:
        raise _raised(name, error, where) from error


def import_file(path: Path, where: Origin | None = None) -> ModuleType:
    """Import the file `path` under its own name, its folder on sys.path as `python path` does."""
    path = path.resolve()
    if not path.is_file():
        beside = [entry.name for entry in path.parent.glob("*.py")] if path.parent.is_dir() else []
        hint = did_you_mean(path.name, beside, otherwise="Paths are relative to the specification.")
        raise BadSubject(f"no file {shown(str(path))}", slug="no-such-file", hint=hint, where=where)
    if str(path.parent) not in sys.path:
        sys.path.append(str(path.parent))
    name = path.stem
    loaded = sys.modules.get(name)
    if loaded is not None:
        if getattr(loaded, "__file__", None) and Path(str(loaded.__file__)).resolve() == path:
            return loaded
        name = f"{path.stem}@{path}"
        if name in sys.modules:
            return sys.modules[name]
    return _executed(name, path, where)


def _executed(name: str, path: Path, where: Origin | None) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except KeyboardInterrupt:
        del sys.modules[name]
        raise
    except BaseException as error:
        sys.modules.pop(name, None)
        raise _raised(shown(str(path)), error, where) from error
    return module


def _missing(name: str, where: Origin | None) -> BadSubject:
    parent, _, last = name.rpartition(".")
    folders = list(getattr(sys.modules[parent], "__path__", [])) if parent else sys.path
    own = [f for f in folders if parent or (f and is_users_file(os.path.join(f, "x.py")))]
    siblings = [module.name for module in pkgutil.iter_modules(own)]
    looked = ", ".join(dict.fromkeys(shown(f) for f in own)) or "no folder"
    hint = did_you_mean(last, siblings, otherwise=f"Looked in {looked}; add to pythonpath.")
    return BadSubject(f"no module named {name!r}", slug="no-such-module", hint=hint, where=where)


def _raised(name: str, error: BaseException, where: Origin | None) -> BadSubject:
    hint = "Nothing of it can be checked until it imports."
    if isinstance(error, SystemExit):
        hint = "Put what runs it under: if __name__ == '__main__'."
    message = f"importing {name} raised {one_line(error)}"
    return BadSubject(message, slug="import-raised", hint=hint, where=place_of(error) or where)
