"""Layers as their authors would write them, and the fault planted in each.

The code under `sources/` knows nothing of verifier. A :class:`Layer` says how one of its layers is
put to `verifier.verify`, and which text to change for a typical mistake; the changed module is
written to a folder of its own and imported from there, so that origins point into real files.
"""

from __future__ import annotations

import ast
import importlib
import importlib.util
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

SOURCES = "tests.networks.sources"


@dataclass(frozen=True)
class Call:
    """The subject and the keywords of one call of `verifier.verify`."""

    subject: Callable[..., Any]
    options: Mapping[str, Any]


@dataclass(frozen=True)
class Fault:
    """Inside the function `where` (dotted for methods), the text `old` becomes `new`."""

    where: str
    old: str
    new: str


@dataclass(frozen=True)
class Layer:
    """One layer of one network: how to verify it, its planted fault, and the argument it spoils."""

    network: str
    name: str
    call: Callable[[ModuleType], Call]
    fault: Fault
    argument: str | None
    rules: frozenset[str] = field(default=frozenset({"wrong-derivative"}))


def call(subject: Callable[..., Any], **options: Any) -> Call:
    """Return the call of `verifier.verify` with these keywords."""
    return Call(subject, options)


def sample(*shape: int, seed: int = 0, scale: float = 1.0) -> np.ndarray:
    """Return normal numbers of `shape`, the same for the same seed."""
    return scale * np.random.default_rng([seed, *shape]).standard_normal(shape)


def positive(*shape: int, seed: int = 0) -> np.ndarray:
    """Return numbers in [0.2, 1.2] of `shape`, the same for the same seed."""
    return 0.2 + np.random.default_rng([seed, *shape]).random(shape)


def correct(layer: Layer) -> Call:
    """Return the call that verifies the layer as written."""
    return layer.call(importlib.import_module(f"{SOURCES}.{layer.network}"))


def planted(layer: Layer, folder: Path) -> Call:
    """Return the call that verifies the layer with its fault, from a module in `folder`."""
    package = importlib.import_module(SOURCES)
    source = (Path(package.__path__[0]) / f"{layer.network}.py").read_text()
    path = folder / f"{layer.network}_{layer.name}.py"
    path.write_text(_with_fault(source, layer.fault))
    spec = importlib.util.spec_from_file_location(f"{SOURCES}.{path.stem}", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return layer.call(module)


def _with_fault(source: str, fault: Fault) -> str:
    body: Any = ast.parse(source)
    for name in fault.where.split("."):
        body = next(node for node in body.body if getattr(node, "name", None) == name)
    lines = source.splitlines(keepends=True)
    function = "".join(lines[body.lineno - 1 : body.end_lineno])
    assert function.count(fault.old) == 1, f"{fault.where}: {fault.old!r} must occur once"
    changed = function.replace(fault.old, fault.new)
    return "".join([*lines[: body.lineno - 1], changed, *lines[body.end_lineno :]])
