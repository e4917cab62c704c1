"""A report as JSON: published schema, sorted keys, and the same bytes for the same document.

A number that is not finite is written as the text "nan", "inf" or "-inf", never as a bare NaN
(which no JSON reader need accept) and never as null. A file that is cut, edited or of a newer
format is refused with its reason.
"""

from __future__ import annotations

import json
import math
import numbers
from typing import Any

import msgspec

from ..errors import BadSpec
from ..verdicts import FORMAT, Document
from .shown import whole

WIDTH = 100  # characters a line, where a list of plain values is filled
SCHEMA_ID = f"urn:verifier-nn:report:{FORMAT}"
NOT_FINITE = ("nan", "inf", "-inf")


def as_json(document: Document) -> str:
    """Return `document` as JSON text that ends with a newline; the same document, the same text."""
    return _laid_out(_plain(msgspec.to_builtins(document, enc_hook=_number)), 0) + "\n"


def decode(data: bytes | str, name: str = "the report") -> Document:
    """Return the document that :func:`as_json` wrote.

    `name` is what errors call the file. Raises BadSpec where it is not JSON, is cut short, is no
    report, is of a newer format, or has a field of the wrong type (which it names).
    """
    found = _parsed(data, name)
    if not isinstance(found, dict) or not {"format", "checks", "verifier"} <= found.keys():
        raise BadSpec(
            f"{name} is JSON but not a verifier report: it has no 'format', 'verifier', 'checks'",
            slug="not-a-report",
            hint="Give the .json that `verifier run -o` or report.save() wrote.",
        )
    _require_known(found["format"], name)
    try:
        return msgspec.convert(found, Document, strict=False)
    except msgspec.ValidationError as problem:
        raise BadSpec(
            f"{name} is not a valid report: {problem}",
            slug="not-a-report",
            hint="It was edited or damaged: make it again; `verifier schema report` says the form.",
        ) from None


def schema() -> dict[str, Any]:
    """Return the JSON Schema of a report (draft 2020-12); a number may be "nan", "inf", "-inf"."""
    found = msgspec.json.schema(Document)
    reals = {"$ref": "#/$defs/Number"}
    for name, definition in found["$defs"].items():
        if name != "Real":
            found["$defs"][name] = _with_number(definition, reals)
    found["$defs"]["Number"] = {
        "title": "Number",
        "description": "A plain number, or the name of one that JSON cannot say.",
        "anyOf": [{"type": "number"}, {"enum": list(NOT_FINITE)}],
    }
    found["$defs"]["Document"]["properties"]["format"] = {"const": FORMAT}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": SCHEMA_ID,
        "title": f"verifier report, format {FORMAT}",
        "description": "What `verifier` found: checks, their claims, verdicts and witnesses.",
        **found,
    }


def schema_text() -> str:
    """Return the schema as the text published in `report.schema.json`."""
    return _laid_out(schema(), 0) + "\n"


def _parsed(data: bytes | str, name: str) -> Any:
    try:
        return msgspec.json.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as problem:
        if not data.strip():
            what = f"{name} is empty"
        elif "truncated" in str(problem):
            what = f"{name} is cut short: the JSON ends in the middle"
        else:
            what = f"{name} is not JSON: {problem}"
    raise BadSpec(
        what,
        slug="not-a-report",
        hint="Give the .json that `verifier run -o` or report.save() wrote, or make it again.",
    )


def _require_known(found: Any, name: str) -> None:
    if not isinstance(found, int) or isinstance(found, bool) or found < 1:
        raise BadSpec(
            f"{name} says format {found!r}; formats are whole numbers from 1 to {FORMAT}",
            slug="not-a-report",
            hint="It was edited or damaged: make the report again.",
        )
    if found > FORMAT:
        raise BadSpec(
            f"{name} has format {found}, this verifier reads formats up to {FORMAT}",
            slug="newer-format",
            hint="Upgrade: pip install --upgrade verifier-nn.",
        )


def _number(value: Any) -> float | int:
    """Return a number of numpy's as Python's own; anything else is no part of a report."""
    if isinstance(value, numbers.Integral):
        return int(value)
    if isinstance(value, numbers.Real):
        return float(value)
    raise NotImplementedError(f"a {type(value).__name__} is no part of a report")


def _plain(value: Any) -> Any:
    """Return `value` with what JSON cannot say in words: nan, inf, half of a surrogate pair."""
    if isinstance(value, float) and not math.isfinite(value):
        return "nan" if math.isnan(value) else ("inf" if value > 0 else "-inf")
    if isinstance(value, str):
        return whole(value)
    if isinstance(value, dict):
        return {_plain(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value


def _laid_out(value: Any, depth: int) -> str:
    """Return JSON text with sorted keys, a space a level; plain values share lines."""
    pad, end = "\n" + " " * (depth + 1), "\n" + " " * depth
    if isinstance(value, dict) and value:
        fields = (f"{_word(key)}: {_laid_out(value[key], depth + 1)}" for key in sorted(value))
        return "{" + pad + ("," + pad).join(fields) + end + "}"
    if isinstance(value, list) and value:
        if not any(isinstance(item, list | dict) for item in value):
            return "[" + _filled([_word(item) for item in value], pad, end) + "]"
        parts = (_laid_out(item, depth + 1) for item in value)
        return "[" + pad + ("," + pad).join(parts) + end + "]"
    return _word(value)


def _word(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False)


def _filled(words: list[str], pad: str, end: str) -> str:
    """Return `words` on one line where they fit, else on lines filled up to WIDTH."""
    if sum(len(word) + 2 for word in words) + len(pad) <= WIDTH:
        return ", ".join(words)
    lines, room = [words[0]], WIDTH - len(pad)
    for word in words[1:]:
        if len(lines[-1]) + len(word) + 2 <= room:
            lines[-1] += ", " + word
        else:
            lines.append(word)
    return pad + ("," + pad).join(lines) + end


def _with_number(part: Any, reals: dict[str, str]) -> Any:
    if isinstance(part, dict):
        if part.get("type") == "number":
            rest = {key: item for key, item in part.items() if key != "type"}
            return {**reals, **rest}
        return {key: _with_number(item, reals) for key, item in part.items()}
    if isinstance(part, list):
        return [_with_number(item, reals) for item in part]
    return part
