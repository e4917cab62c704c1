"""Hand-written layers: right as they stand, and each planted fault is found and named.

Every layer is lifted, the correct one passes without an error, and the one with a typical mistake
is refuted by a finding that names the argument whose gradient the mistake spoils.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import verifier as vf

from .networks import LAYERS, NETWORKS
from .networks.planting import Call, Layer, correct, planted

EVERY_LAYER = pytest.mark.parametrize(
    "layer", LAYERS, ids=[f"{layer.network}-{layer.name}" for layer in LAYERS]
)


def _verify(call: Call) -> Any:
    return vf.verify(call.subject, **call.options)


def _roads(report: Any) -> set[str]:
    return {claim.road for check in report.checks for claim in check.claims}


def _errors(report: Any) -> list[Any]:
    return [finding for finding in report.findings if finding.severity == "error"]


@EVERY_LAYER
def test_a_correct_layer_passes(layer: Layer) -> None:
    report = _verify(correct(layer))
    assert not _errors(report), report
    assert report.verdict.value == "PASSED", report
    assert _roads(report) == {"lifted"}, report
    for claim in (claim for check in report.checks for claim in check.claims):
        assert claim.evidence.agreed == claim.evidence.components > 0, report
        assert not claim.not_checked, report


@EVERY_LAYER
def test_a_planted_fault_is_found_and_named(layer: Layer, tmp_path: Path) -> None:
    report = _verify(planted(layer, tmp_path))
    assert report.verdict.value == "REFUTED", report
    assert _roads(report) == {"lifted"}, report
    fitting = [finding for finding in _errors(report) if finding.rule in layer.rules]
    assert layer.argument in {finding.argument for finding in fitting}, report


def test_there_are_enough_layers_and_networks() -> None:
    assert len(NETWORKS) >= 10
    assert len(LAYERS) >= 60
    names = [(layer.network, layer.name) for layer in LAYERS]
    assert len(set(names)) == len(names)
