"""The gallery is what the examples make: `tox -e gallery` compares all of it, this a part."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest

from . import gallery


def test_every_page_is_what_its_json_draws() -> None:
    for name, committed, drawn in gallery.drawn(gallery.REPORTS):
        assert committed == drawn, f"{name}: run `python -m tests.gallery --write`"
    assert gallery.strays(gallery.REPORTS) == []


def test_a_fresh_run_finds_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(gallery.ROOT)
    names = frozenset({"relu-net-smooth", "relu-neuron-loss", "sigmoid-in-r", "sigmoid-not-convex"})
    assert list(gallery.compared(names)) == []


def test_five_questions_are_answered() -> None:
    index = (gallery.REPORTS / "index.html").read_text("utf-8")
    for question in (
        "Does the second derivative exist?",
        "What does ReLU do to Newton&#39;s method?",
        "Is the loss convex?",
        "How is the Hessian of the cost built?",
        "Must an activation be differentiable?",
    ):
        assert index.count(f">{question}</h2>") == 1


def report(name: str) -> Any:
    return json.loads((gallery.REPORTS / f"{name}.json").read_text("utf-8"))


def test_the_comparison_sees_a_change() -> None:
    old = report("sigmoid-in-r")
    finding = old["checks"][0]["claims"][0]["findings"][0]
    for key, value in (("rule", "kink"), ("explanation", "something else"), ("index", [7])):
        new = copy.deepcopy(old)
        new["checks"][0]["claims"][0]["findings"][0][key] = value
        assert [d for d in gallery.differences(old, new) if f".{key}" in d], key
    for column in ("ball", "formula"):
        new = copy.deepcopy(old)
        witness = new["checks"][0]["claims"][0]["findings"][0]["witness"]
        witness[column]["mid"] = witness[column]["mid"].replace("1", "2", 1) + "1"
        assert list(gallery.differences(old, new)), column
    new = copy.deepcopy(old)
    witness = new["checks"][0]["claims"][0]["findings"][0]["witness"]
    first = next(iter(witness["point"]))
    witness["point"][first]["hex"][0] = (1.25).hex()
    assert list(gallery.differences(old, new))
    assert finding["witness"]["point"][first]["hex"][0] != (1.25).hex()


def test_the_comparison_forgives_rounding_only() -> None:
    old = report("sigmoid-in-r")
    claimed = old["checks"][0]["claims"][0]["findings"][0]["witness"]["claimed"]

    def moved(by: float) -> list[str]:
        new = copy.deepcopy(old)
        value = claimed["number"] * (1 + by)
        real = {"hex": value.hex(), "number": value, "text": repr(value)}
        new["checks"][0]["claims"][0]["findings"][0]["witness"]["claimed"] = real
        new["machine"]["time"] = "another"
        return list(gallery.differences(old, new))

    assert moved(4 * 2.0**-52) == []
    assert moved(1e-10) != []
