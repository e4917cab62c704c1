"""SARIF, GitHub commands and Markdown: valid, relative, stable, and harmless whatever is in it."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import jsonschema
import msgspec
import pytest

from verifier.renderers.as_github import as_github
from verifier.renderers.as_markdown import MOST_BYTES, as_markdown
from verifier.renderers.as_sarif import as_sarif
from verifier.renderers.problems import OTHERWISE, problems
from verifier.report import Report
from verifier.rules import RULES, explain
from verifier.verdicts import Document, Origin

from . import hand_built as built

SCHEMA = json.loads((Path(__file__).parent / "sarif" / "sarif-2.1.0.json").read_text("utf-8"))
DOCUMENTS = {
    "every-kind": built.document(),
    "odd": built.document(built.odd_check()),
    "long": built.document(built.odd_check("x" * 100_000)),
    "empty": msgspec.structs.replace(built.document(), checks=()),
}
every_document = pytest.mark.parametrize("document", DOCUMENTS.values(), ids=DOCUMENTS)


def log(document: Document) -> dict[str, Any]:
    (run,) = json.loads(as_sarif(document))["runs"]
    return run  # type: ignore[no-any-return]


def at(file: str, line: int = 3) -> Document:
    """Return a document whose one finding is at `file`."""
    check = built.checks()[1]
    finding = msgspec.structs.replace(built.wrong_gradient(), origin=Origin(file, line, "x = 1"))
    claim = msgspec.structs.replace(check.claims[0], findings=(finding,))
    return built.document(msgspec.structs.replace(check, claims=(claim,)))


# ------------------------------------------------------------------------------------------- SARIF
@every_document
def test_logs_are_valid(document: Document) -> None:
    found = json.loads(as_sarif(document))
    jsonschema.validate(found, SCHEMA, format_checker=jsonschema.FormatChecker())


def test_the_schema_refuses_what_it_should() -> None:
    found = json.loads(as_sarif(built.document()))
    found["runs"][0]["results"][0]["line"] = 3
    with pytest.raises(jsonschema.ValidationError, match="line"):
        jsonschema.validate(found, SCHEMA)


def test_results_name_their_rule_line_and_level() -> None:
    run = log(built.document())
    first = run["results"][0]
    place = first["locations"][0]["physicalLocation"]
    assert first["ruleId"] == "wrong-derivative" and first["level"] == "error"
    assert run["tool"]["driver"]["rules"][first["ruleIndex"]]["id"] == first["ruleId"]
    assert place["artifactLocation"] == {"uri": "examples/two_layer.py", "uriBaseId": "%SRCROOT%"}
    assert place["region"]["startLine"] == 41
    assert place["region"]["snippet"]["text"] == "dW2 = hidden.T @ (probabilities - target)"
    assert "32 times too large" in first["message"]["text"]
    assert "Replay: verifier replay REPORT two-layer.gradient.W2" in first["message"]["text"]


def test_every_rule_carries_its_page_and_an_address() -> None:
    rules = log(built.document())["tool"]["driver"]["rules"]
    assert {rule["id"] for rule in rules} == RULES.keys() | OTHERWISE.keys()
    for rule in rules:
        assert urlsplit(rule["helpUri"]).scheme and rule["helpUri"].endswith(rule["id"])
        if rule["id"] in RULES:
            assert rule["help"]["text"] == explain(rule["id"])


def test_fingerprints_are_the_findings_ids() -> None:
    results = log(built.document())["results"]
    prints = [result["fingerprints"]["verifierFinding/v1"] for result in results]
    assert {finding.id for finding in Report(built.document()).findings} <= set(prints)
    assert len(set(prints)) == len(prints)


def test_undecided_is_open_and_an_error_is_told() -> None:
    run = log(built.document())
    kinds = {result["ruleId"]: result.get("kind", "fail") for result in run["results"]}
    assert kinds["undecided"] == "open" and kinds["not-carried-out"] == "fail"
    assert run["invocations"] == [{"executionSuccessful": False}]


def test_what_is_expected_or_allowed_is_suppressed() -> None:
    results = log(built.document(*built.checks(), built.odd_check()))["results"]
    excused = [r["ruleId"] for r in results if r.get("suppressions")]
    assert excused == ["truncated-constant", "nan-derivative"]
    assert results[-1]["suppressions"][0]["justification"].startswith("allowed: ")


@pytest.mark.parametrize(
    "file, uri",
    [
        ("a/b c.py", "a/b%20c.py"),
        ("a:b.py", "a%3Ab.py"),
        ("../x.py", "../x.py"),
        ("ä#?.py", "%C3%A4%23%3F.py"),
        ("/opt/net.py", "file:///opt/net.py"),
        ("//host/net.py", "file:///host/net.py"),
    ],
)
def test_files_are_relative_addresses(file: str, uri: str) -> None:
    place = log(at(file))["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]
    assert place["uri"] == uri
    assert ("uriBaseId" in place) == (not file.startswith("/"))


# -------------------------------------------------------------------------------- GitHub commands
def test_annotations_name_file_line_and_rule() -> None:
    lines = as_github(built.document()).splitlines()
    assert lines[0].startswith(
        "::error file=examples/two_layer.py,line=41,title=wrong-derivative in two-layer::grad W2"
    )
    assert "%0Afinite difference: 0.6021783950311932" in lines[0]
    assert any(line.startswith("::notice file=examples/activations.py,line=12,") for line in lines)
    assert not any("truncated-constant" in line for line in lines), "it was expected"
    assert lines[-1] == "verifier: 3 of 7 checks hold"


def test_nothing_gets_out_of_its_command() -> None:
    text = as_github(at("a,line=9:b%\n::error::x.py"))
    command, count = text.splitlines()
    head, _, data = command.removeprefix("::").partition("::")
    assert head.startswith("error file=a%2Cline=9%3Ab%25\\n%3A%3Aerror%3A%3Ax.py,line=3,title=")
    assert "%" not in re.sub("%(25|0A)", "", data) and count.startswith("verifier: ")


@every_document
def test_every_line_is_one_command(document: Document) -> None:
    *commands, _ = as_github(document).splitlines()
    counted = [problem for problem in problems(document) if not problem.excused]
    assert len(commands) == len(counted)
    assert all(re.match("::(error|warning|notice) ", line) for line in commands)


# --------------------------------------------------------------------------------------- Markdown
def test_markdown_tells_verdicts_then_findings() -> None:
    text = as_markdown(built.document(), report="r.json")
    assert text.startswith("## verifier: 7 checks, 4 do not hold\n")
    assert "| REFUTED | two-layer | gradient | 24 | 19 |" in text
    assert "| mpmath | 0.60217839500119324422 |  | 35.1 digits |" in text
    assert "```sh\nverifier replay r.json two-layer.gradient.W2\n```" in text
    assert text.index("wrong-derivative") < text.index("one-sided-derivative")


def test_markdown_takes_no_markup_from_names() -> None:
    text = as_markdown(built.document(built.odd_check("<b>|`*_[x](http://x)@me`")))
    assert "<b>" not in text and "](http" not in text.replace("\\]", "") and "@me" not in text
    table = [line for line in text.splitlines() if line.startswith("| REFUTED")]
    assert table and all(len(re.findall(r"(?<!\\)\|", line)) == 6 for line in table)


def test_markdown_keeps_within_what_github_takes() -> None:
    names = [f"{number}-" + "x" * 300 for number in range(3000)]
    checks = [msgspec.structs.replace(built.checks()[1], name=name) for name in names]
    text = as_markdown(built.document(*checks))
    assert len(text.encode()) <= MOST_BYTES + 1000
    assert "did not fit: see the report itself." in text
