"""JUnit XML: a suite a check, a case a claim, the finding as the failure's text."""

from __future__ import annotations

import re
import xml.etree.ElementTree as tree

import msgspec
import pytest

from verifier.renderers.as_junit import as_junit
from verifier.verdicts import Document

from . import hand_built as built

DOCUMENTS = {
    "every-kind": built.document(),
    "odd": built.document(built.odd_check("\ufffe\uffff" + built.ODD)),
    "long": built.document(built.odd_check("x" * 100_000)),
    "empty": msgspec.structs.replace(built.document(), checks=()),
}


def cases(document: Document) -> dict[tuple[str, str], tree.Element]:
    root = tree.fromstring(as_junit(document))
    return {
        (case.get("classname", ""), case.get("name", "")): case for case in root.iter("testcase")
    }


def test_one_case_a_claim() -> None:
    document = built.document()
    claims = {(check.name, claim.claim) for check in document.checks for claim in check.claims}
    others = {("broken", "(no claim reached)"), ("sigmoid in R", "expect truncated-constant")}
    assert cases(document).keys() == claims | others


def test_the_failure_is_the_finding() -> None:
    failure = cases(built.document())["two-layer", "gradient"].find("failure")
    assert failure is not None and failure.text
    assert failure.get("type") == "wrong-derivative"
    assert failure.get("message", "").startswith("grad W2 is 32 times too large")
    assert failure.text.startswith("examples/two_layer.py:41: wrong-derivative: grad W2")
    assert "remedy: Divide by the batch size" in failure.text
    assert "mpmath" in failure.text and "ball" in failure.text


def test_an_undecided_claim_fails_and_an_error_is_an_error() -> None:
    found = cases(built.document())
    undecided = found["two-layer", "hessian"].find("failure")
    assert undecided is not None and undecided.get("type") == "undecided"
    broken = found["broken", "(no claim reached)"].find("error")
    assert broken is not None and "no such attribute 'missing'" in (broken.text or "")


def test_what_holds_has_no_failure() -> None:
    found = cases(built.document())
    for key in (("relu", "derivative"), ("sigmoid in R", "second_derivative")):
        assert found[key].find("failure") is None
        said = found[key].find("system-out")
        assert said is not None and said.text
    assert list(found["sigmoid", "derivative"]) == []


def test_an_expected_rule_that_is_missing_fails() -> None:
    check = built.checks()[3]
    claim = msgspec.structs.replace(check.claims[0], findings=())
    check = msgspec.structs.replace(check, claims=(claim,), holds=False)
    failure = cases(built.document(check))["sigmoid in R", "expect truncated-constant"][0]
    assert failure.get("message") == "expected truncated-constant, not found"


@pytest.mark.parametrize("document", DOCUMENTS.values(), ids=DOCUMENTS)
def test_counts_add_up_and_the_text_is_xml(document: Document) -> None:
    text = as_junit(document)
    assert not re.search("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufffe\uffff\ud800-\udfff]", text)
    root = tree.fromstring(text.encode("utf-8"))
    for what, element in (("failures", "failure"), ("errors", "error"), ("tests", "testcase")):
        assert int(root.get(what, "")) == len(list(root.iter(element)))
        for suite in root:
            assert int(suite.get(what, "")) == len(list(suite.iter(element)))


def test_time_stands_on_the_suite() -> None:
    root = tree.fromstring(as_junit(built.document()))
    times = {suite.get("name"): suite.get("time") for suite in root}
    assert times["two-layer"] == "1.250" and times["relu"] is None
