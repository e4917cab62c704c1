"""Which line of the user's code is running?"""

from __future__ import annotations

import linecache
import os
import sys
import sysconfig
from types import FrameType

import numpy as np

from ...verdicts import Origin


def _folder(path: str) -> str:
    return os.path.join(os.path.realpath(path), "")


_STDLIB = _folder(sysconfig.get_paths()["stdlib"])
_PACKAGES = tuple(
    {_folder(sysconfig.get_paths()[k]) for k in ("purelib", "platlib")}
    | {_folder(os.path.join(sysconfig.get_paths()["stdlib"], "site-packages"))}
)
_VERIFIER = _folder(os.path.join(os.path.dirname(__file__), "..", ".."))
_NUMPY = _folder(os.path.dirname(np.__file__))
_SCIPY = f"{os.sep}site-packages{os.sep}scipy{os.sep}"
_inside: dict[str, bool] = {}
_installed: dict[str, bool] = {}


def is_inside(file: str) -> bool:
    """Tell whether `file` belongs to verifier, numpy, scipy or the standard library."""
    known = _inside.get(file)
    if known is None:
        path = os.path.realpath(file)
        library = path.startswith(_STDLIB) and not path.startswith(_PACKAGES)
        known = _inside[file] = (
            path.startswith((_VERIFIER, _NUMPY))
            or _SCIPY in path
            or library
            or file.startswith(("<__array", "<frozen"))
        )
    return known


def is_installed(file: str) -> bool:
    """Tell whether `file` is a library's, not the user's own code."""
    known = _installed.get(file)
    if known is None:
        known = _installed[file] = is_inside(file) or os.path.realpath(file).startswith(_PACKAGES)
    return known


def user_frame() -> FrameType | None:
    """Return the innermost frame that runs the user's code, or None."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None and is_inside(frame.f_code.co_filename):
        frame = frame.f_back
    return frame


def origin_of(frame: FrameType | None, known: dict[tuple[str, int], Origin]) -> Origin | None:
    """Return the place `frame` stands at; `known` remembers the places seen."""
    if frame is None:
        return None
    key = (frame.f_code.co_filename, frame.f_lineno)
    found = known.get(key)
    if found is None:
        text = linecache.getline(key[0], key[1], frame.f_globals).strip()
        found = known[key] = Origin(key[0], key[1], text)
    return found
