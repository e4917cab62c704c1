"""How is a subject found again? What a report records of its check, and the way back."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from ..errors import BadSubject, VerifierError
from ..importing import shown
from ..specification import CheckSpec
from ..verdicts import Asked, Check, Tensor
from ..words import DERIVATIVES

if TYPE_CHECKING:
    from ..checks.request import Request

KEPT = (*DERIVATIVES, "on", "at", "wrt", "grads", "cache", "claims", "dtype")
ARRAY, TUPLE = {"dtype", "shape", "hex"}, {"tuple"}


def asked_by(spec: CheckSpec) -> Asked:
    """Return what a report keeps of a written check: its references, as they stand there."""
    told = {word: spec.told[word] for word in KEPT if word in spec.told}
    subject = spec.subject if spec.position is None else shown(spec.subject)
    folders = tuple(shown(folder) for folder in spec.pythonpath)
    return Asked(subject, told, shown(spec.root), folders, spec.position)


def asked_in(request: Request, words: Mapping[str, Any]) -> Asked:
    """Return what a report keeps of `vf.verify`: the names of its callables, the data it gave.

    What no module names (a lambda, a local function, the running script) is left out; floating
    arrays keep their shape only, for their entries stand in every witness. `words` are what was
    told, with the `subject`: a reference that was given as text is kept as it stands.
    """
    told: dict[str, Any] = {}
    for kind, claimed in request.derivatives.items():
        if name := _written(words.get(kind)) or reference_of(claimed):
            told[kind] = name
    data = {k: v for k, v in request.on.items() if not is_domain(v)}
    boxes = {k: v for k, v in request.on.items() if isinstance(v, str)}
    wrt = request.wrt or tuple(k for k in request.on if k not in data)
    at = request.at if isinstance(request.at, list) else [request.at]
    given = {
        "on": {**_kept(data), **boxes},
        "at": _kept(at[:1]) if request.at is not None else None,
        "wrt": list(wrt),
        "grads": dict(request.grads),
        "claims": list(request.claims),
        "cache": request.cache,
        "dtype": request.dtype,
    }
    told |= {word: value for word, value in given.items() if value not in (None, [], {})}
    return Asked(_written(words.get("subject")) or reference_of(request.function), told)


def _written(reference: Any) -> str:
    """Return a reference that was given as text and names its module, else ""."""
    from ..resolve import is_reference

    if not isinstance(reference, str) or not is_reference(reference):
        return ""
    return "" if "<" in reference or reference.startswith("__main__:") else reference


def reference_of(function: Any) -> str:
    """Return `module:name` where that leads back to `function`, else ""."""
    module = getattr(function, "__module__", None) or ""
    name = getattr(function, "__qualname__", None) or ""
    found: Any = sys.modules.get(module)
    if found is None or module == "__main__":
        return ""
    for part in name.split("."):
        found = getattr(found, part, None)
    return f"{module}:{name}" if found is function else ""


def request_again(check: Check) -> Request:
    """Return the request of a check as recorded, its references resolved anew.

    Raises BadSubject where the report records none or one leads nowhere.
    """
    from ..answer import request_of_declared, request_of_spec
    from ..declared import declared_in
    from ..importing import import_file

    asked = check.asked
    if asked is None or not asked.subject:
        raise BadSubject(
            f"the report does not say where {check.subject or check.name} is defined",
            slug="not-recorded",
            hint="Functions of an interactive session, lambdas and local functions cannot be found "
            "again: put them in a module and check 'module:function'.",
        )
    root = Path(asked.root).resolve()
    folders = tuple(str(Path(folder).resolve()) for folder in asked.pythonpath)
    for folder in reversed((*folders, str(root), os.getcwd())):
        if folder not in sys.path:
            sys.path.insert(0, folder)
    try:
        if asked.position is None:
            told = _again(asked.told)
            if not _claims(told):
                told["claims"] = ["finite"]  # a request must claim something; this one only calls
            spec = CheckSpec(check.name, asked.subject, told, check.origin, str(root), folders)
            return request_of_spec(spec)
        declared = declared_in(import_file(Path(asked.subject)))
        return request_of_declared(declared[asked.position], {})
    except VerifierError as error:
        hint = f"{error.hint} Run replay from the folder where the report was made.".strip()
        raise BadSubject(error.message, slug=error.slug, hint=hint, where=error.where) from error
    except IndexError:
        message = f"{asked.subject} makes fewer claims than when the report was made"
        raise BadSubject(message, slug="not-recorded", hint="Make the report again.") from None


def _claims(told: Mapping[str, Any]) -> bool:
    return bool(told.get("claims") or told.get("grads")) or any(k in told for k in DERIVATIVES)


def is_domain(value: Any) -> bool:
    from ..domains import Domain

    kinds: tuple[type, ...] = (str, Domain)
    strategies = sys.modules.get("hypothesis.strategies")
    return isinstance(value, (*kinds, strategies.SearchStrategy) if strategies else kinds)


def _kept(value: Any) -> Any:
    """Return data as JSON can say it; raises nothing: what it cannot say becomes None."""
    import numpy as np

    from ..exact import tensor

    if isinstance(value, (np.ndarray, np.generic)):
        array = np.asarray(value)
        if array.dtype.kind == "f":
            return {"dtype": array.dtype.name, "shape": list(array.shape), "hex": []}
        kept = tensor(array) if array.dtype.kind in "iubc" else None
        return kept and {"dtype": kept.dtype, "shape": list(kept.shape), "hex": list(kept.hex)}
    if isinstance(value, Mapping):
        return {str(key): _kept(part) for key, part in value.items()}
    if isinstance(value, tuple):
        return {"tuple": [_kept(part) for part in value]}
    if isinstance(value, list):
        return [_kept(part) for part in value]
    return value if isinstance(value, (str, bool, int, float)) else None


def _again(value: Any) -> Any:
    """Return what :func:`_kept` wrote; floating arrays are zeros until a witness fills them."""
    import numpy as np

    from ..exact import from_tensor

    if isinstance(value, Mapping):
        if value.keys() == ARRAY and value["hex"]:
            return from_tensor(msgspec.convert(value, Tensor))
        if value.keys() == ARRAY:
            return np.zeros(tuple(value["shape"]), dtype=value["dtype"])
        if value.keys() == TUPLE:
            return tuple(_again(part) for part in value["tuple"])
        return {key: _again(part) for key, part in value.items()}
    return [_again(part) for part in value] if isinstance(value, list) else value


__all__ = ["asked_by", "asked_in", "reference_of", "request_again"]
