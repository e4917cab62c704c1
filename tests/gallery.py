"""The gallery under reports/: `python -m tests.gallery` compares it, `--write` makes it anew.

Every check of examples/verifier.toml has a JSON and an HTML there, and index.html opens with the
questions they answer. Compared are the HTML, byte for byte, with what the committed JSON draws;
and a fresh run with the committed JSON: verdicts, rules, witnesses, balls and every other field
are equal, but for the machine, the versions, and the columns that floating point computes. Those
agree within what they state themselves (see `float_column`).
"""

from __future__ import annotations

import json
import math
import os
import re
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from verifier.command_line import save
from verifier.discovery import discover
from verifier.report import Report
from verifier.run import plan, run
from verifier.specification import CheckSpec

ROOT = Path(__file__).resolve().parents[1]
REPORTS = ROOT / "reports"
UNCOMPARED = ("machine", "versions")

# A computed number may differ between machines by this many ulp, or by this many times the
# rounding error that the committed run itself shows (claimed against formula).
ULPS, TIMES = 64, 10
EYE = 1e-6  # of the largest value a plot draws: a thousandth of a pixel
EPSILON = {"float16": 2.0**-10, "bfloat16": 2.0**-7, "float32": 2.0**-23, "float64": 2.0**-52}

# Texts that quote computed numbers: their words are equal, their numbers to two digits.
TEXTS = {"explanation", "notes", "finite_difference", "reason"}
NUMBER = re.compile(r"[-+]?\d+\.?\d*(?:e[-+]?\d+)?")


def specifications() -> tuple[CheckSpec, ...]:
    """Return the checks of the examples, in the order of their file."""
    return plan(discover(("examples",), ROOT)).specs


def fresh(names: frozenset[str] | None = None) -> Report:
    """Return a report of the examples (of those in `names` only), from the repository's root."""
    os.chdir(ROOT)
    wanted = tuple(s for s in specifications() if names is None or s.name in names)
    return Report(run(wanted, jobs=os.cpu_count() or 1, watch=lambda *_: None).document())


def drawn(folder: Path) -> Iterator[tuple[str, str, str]]:
    """Yield each HTML's name, what is committed, and what the committed JSON draws."""
    from verifier.renderers import renderer
    from verifier.renderers.as_html import render_index

    entries = []
    for spec in specifications():
        document = Report.load(folder / f"{spec.name}.json").document
        page = renderer("html")(document, report=f"{spec.name}.json")
        entries.append((spec.name, document, f"{spec.name}.html"))
        yield f"{spec.name}.html", _text(folder / f"{spec.name}.html"), page
    yield "index.html", _text(folder / "index.html"), render_index(entries)


def _text(path: Path) -> str:
    return path.read_text("utf-8") if path.exists() else ""


def strays(folder: Path) -> list[str]:
    """Return the files of the gallery that no example makes."""
    names = {spec.name for spec in specifications()}
    made = {f"{name}{suffix}" for name in names for suffix in (".json", ".html")} | {"index.html"}
    return sorted({path.name for path in folder.iterdir()} - made)


def differences(old: Any, new: Any, path: tuple[str, ...] = ()) -> Iterator[str]:
    """Yield what differs between two reports read from JSON, beyond what may."""
    if path and path[-1] in UNCOMPARED:
        return
    if "plots" in path and _drawn_alike(path, old, new):
        return
    if isinstance(old, dict) and isinstance(new, dict):
        old, new = dict(old), dict(new)
        for key in float_column(old, new):
            old.pop(key), new.pop(key)
        for key in sorted(old.keys() | new.keys()):
            if key not in old or key not in new:
                yield f"{'.'.join(path)}: {key} is in one only"
            else:
                yield from differences(old[key], new[key], (*path, key))
    elif isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        for place, pair in enumerate(zip(old, new, strict=True)):
            yield from differences(*pair, (*path, str(place)))
    elif not (old == new or (TEXTS & set(path[-2:]) and _reads_alike(old, new))):
        yield f"{'.'.join(path)}: {str(old)[:160]!r} was, {str(new)[:160]!r} is"


def float_column(old: dict[str, Any], new: dict[str, Any]) -> list[str]:
    """Return the keys whose computed numbers differ by no more than they state.

    claimed: ULPS at its size, or TIMES its own rounding error; finite_difference and curve: the
    sum of both stated errors; digits: one digit; errors: a factor of ten.
    """
    both = [key for key in old if key in new and not isinstance(old[key], list)]
    return [key for key in both if key in _BUDGETS and _BUDGETS[key](old, new, key)]


def _claimed(old: dict[str, Any], new: dict[str, Any], key: str) -> bool:
    a, b = _number(old[key]), _number(new[key])
    own = abs(a - float(old["formula"]["mid"])) if "formula" in old else 0.0
    kinds = [tensor["dtype"] for tensor in old.get("point", {}).values()]
    unit = max((EPSILON.get(kind, 0.0) for kind in kinds), default=EPSILON["float64"])
    return _within(a, b, max(ULPS * unit * max(abs(a), abs(b)), TIMES * own))


def _difference(old: dict[str, Any], new: dict[str, Any], key: str) -> bool:
    if isinstance(old[key], str):  # of the evidence: a text, see TEXTS
        return False
    errors = [_number(w["finite_difference_error"]) for w in (old, new)]
    return _within(_number(old[key]), _number(new[key]), sum(errors))


def _curve(old: dict[str, Any], new: dict[str, Any], key: str) -> bool:
    a, b = old[key], new[key]
    steps = a["steps"] == b["steps"] and len(a["values"]) == len(b["values"])
    errors = [x + y for x, y in zip(a["errors"], b["errors"], strict=False)]
    return steps and all(map(_within, a["values"], b["values"], errors))


def _digits(old: dict[str, Any], new: dict[str, Any], key: str) -> bool:
    return _within(_number(old[key]), _number(new[key]), 1.0)


def _error(old: dict[str, Any], new: dict[str, Any], key: str) -> bool:
    a, b = abs(_number(old[key])), abs(_number(new[key]))
    return a == b or (0 < a <= 10 * b and b <= 10 * a)


def _drawn_alike(path: tuple[str, ...], old: Any, new: Any) -> bool:
    """Tell whether what a plot draws looks the same: it is for eyes, the rest decides."""
    pair = [value if isinstance(value, list) else [value] for value in (old, new)]
    if len(pair[0]) != len(pair[1]) or not all(isinstance(v, float) for v in [*pair[0], *pair[1]]):
        return False
    a, b = pair
    unit = 1.0 if {"digits", "kept"} & set(path) else EYE * max(map(abs, a), default=0.0)
    return all(_within(x, y, unit) for x, y in zip(a, b, strict=True))


_BUDGETS = {
    "claimed": _claimed,
    "finite_difference": _difference,
    "finite_difference_error": _error,
    "curve": _curve,
    "digits": _digits,
    "worst_digits": _digits,
    "relative_error": _error,
    "norm_error": _error,
    "budgets": _error,
    "budget_ratio": _error,
}


def _number(value: Any) -> float:
    return float(value["text"] if isinstance(value, dict) else value)


def _within(a: float, b: float, budget: float) -> bool:
    return a == b or (math.isnan(a) and math.isnan(b)) or abs(a - b) <= budget


def _reads_alike(old: Any, new: Any) -> bool:
    if not (isinstance(old, str) and isinstance(new, str)):
        return False
    if NUMBER.sub("#", old) != NUMBER.sub("#", new):
        return False
    pairs = zip(NUMBER.findall(old), NUMBER.findall(new), strict=True)
    return all(_within(float(a), float(b), 0.05 * abs(float(a))) for a, b in pairs)


def compared(names: frozenset[str] | None = None) -> Iterator[str]:
    """Yield every difference between a fresh run and the committed JSON."""
    with tempfile.TemporaryDirectory() as folder:
        save(fresh(names), folder)
        for path in sorted(Path(folder).glob("*.json")):
            old = REPORTS / path.name
            if not old.exists():
                yield f"{path.name}: not committed"
                continue
            pair = (json.loads(file.read_text("utf-8")) for file in (old, path))
            yield from (f"{path.name}: {told}" for told in differences(*pair))


def main(arguments: list[str]) -> int:
    """Compare, or with --write make anew; return the exit code."""
    if arguments == ["--write"]:
        for name in strays(REPORTS):
            (REPORTS / name).unlink()
        save(fresh(), str(REPORTS))
        return 0
    found = [f"{name}: no example makes it" for name in strays(REPORTS)]
    found += [f"{name}: not what its JSON draws" for name, a, b in drawn(REPORTS) if a != b]
    found += compared()
    print("\n".join(found) or f"{len(specifications())} reports: as committed")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
