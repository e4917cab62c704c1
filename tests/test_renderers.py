"""Text, JSON and files: complete, harmless, the same bytes each time, and clear where it fails."""

from __future__ import annotations

import doctest
import errno
import json
import math
import os
import re
import stat
import subprocess
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any

import jsonschema
import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from verifier.errors import BadSpec, VerifierError
from verifier.renderers import RENDERERS, SUFFIXES, format_of, render, shown
from verifier.renderers import write as write_module
from verifier.renderers.as_json import as_json, decode, schema, schema_text
from verifier.renderers.as_text import as_text
from verifier.renderers.evidence_rows import rows
from verifier.renderers.write import write
from verifier.verdicts import FORMAT, Check, Claim, Document, Verdict

from . import hand_built as built

CONTROLS = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\ud800-\udfff]")
DOCUMENTS = {
    "every-kind": built.document(),
    "odd": built.document(built.odd_check()),
    "long": built.document(built.odd_check("x" * 100_000)),
    "empty": msgspec.structs.replace(built.document(), checks=()),
    "bare": Document(FORMAT, "0", (), 0, {}),
}
every_document = pytest.mark.parametrize("document", DOCUMENTS.values(), ids=DOCUMENTS)


@pytest.mark.parametrize("format", RENDERERS)
@every_document
def test_every_format_is_whole_and_the_same_each_time(document: Document, format: str) -> None:
    text = render(document, format)
    assert text.endswith("\n")
    assert not CONTROLS.search(text) or format == "json"
    assert text == render(decode(as_json(document)), format)
    text.encode("utf-8")


@every_document
def test_json_reads_back_and_fits_its_schema(document: Document) -> None:
    text = as_json(document)
    assert as_json(decode(text)) == text == as_json(decode(text.encode()))
    found = json.loads(text, parse_constant=lambda name: pytest.fail(f"bare {name}"))
    jsonschema.validate(found, schema(), jsonschema.Draft202012Validator)
    assert list(found) == sorted(found)


def test_json_loses_no_number() -> None:
    back = decode(as_json(built.document(built.odd_check())))
    witness = back.checks[0].claims[0].findings[0].witness
    assert witness is not None and witness.curve is not None
    assert math.isnan(witness.curve.steps[0]) and witness.curve.steps[2] == math.inf
    assert witness.relative_error == math.inf and witness.budgets == -math.inf
    assert math.isnan(witness.norm_error or 0.0)


def _unordered(part: Any) -> Any:
    """Alternatives in one order: msgspec's releases differ in it."""
    if isinstance(part, dict):
        return {k: _unordered(v) for k, v in part.items()}
    if isinstance(part, list):
        return sorted((_unordered(v) for v in part), key=json.dumps)
    return part


def test_the_published_schema_is_the_one_in_use() -> None:
    published = Path(write_module.__file__).parent / "report.schema.json"
    texts = schema_text(), published.read_text("utf-8")
    ours, theirs = (_unordered(json.loads(text)) for text in texts)
    assert ours == theirs, "write it anew: verifier schema report"
    jsonschema.Draft202012Validator.check_schema(schema())


WHOLE = as_json(built.document())


@pytest.mark.parametrize(
    "data, message",
    [
        ("", "r.json is empty"),
        (WHOLE[: len(WHOLE) // 2], "r.json is cut short: the JSON ends in the middle"),
        ("{]", "r.json is not JSON"),
        (b"\xff\xfe{}", "r.json is not JSON"),
        ("[" * 100_000, "r.json is"),
        ("[1]", "JSON but not a verifier report"),
        ('{"format": 1}', "JSON but not a verifier report"),
        (WHOLE.replace('"format": 1', '"format": 7'), "has format 7.*Upgrade"),
        (WHOLE.replace('"format": 1', '"format": "x"'), "says format 'x'"),
        (WHOLE.replace('"format": 1', '"format": true'), "says format True"),
        (WHOLE.replace('"PROVED"', '"PERFECT"'), r"'PERFECT' - at `\$.checks\[0\]"),
        (WHOLE.replace('"seed": 20240229', '"seed": []'), r"`int`.* - at `\$.seed`"),
    ],
)
def test_what_is_no_report_is_refused_with_its_reason(data: str | bytes, message: str) -> None:
    with pytest.raises(BadSpec, match=f"(?s){message}") as caught:
        decode(data, "r.json")
    assert caught.value.hint


def test_text_says_all_of_a_refutation() -> None:
    text = as_text(built.document(), report="out/r.json")
    for line in (
        r"REFUTED    two-layer     gradient +24 points, 19 patterns, 1.25 s",
        r"UNDECIDED  compiled      gradient +opaque road, cut by the budget",
        r"examples/two_layer.py:41: wrong-derivative: grad W2 is 32 times too large, exactly: .*",
        r"    41 \| dW2 = hidden.T @ \(probabilities - target\)",
        r"    component W2\[3, 1\] = 1.0",
        r"    at W1 = \[-1.0, .* \(24 elements\), W2 = .*",
        r"    claimed            19.269708640038182 +agrees: no digit",
        r"    finite difference  0.6021783950311932 ± 9e-11 +agrees: 10.3 digits",
        r"    mpmath             0.60217839500119324422 +agrees: 35.1 digits",
        r"    ball               0.60217839500119324422 ± 4.4e-36",
        r"    remedy: Divide by the batch size: .*",
        r"    verifier replay out/r.json two-layer.gradient.W2",
        r"two-layer: hessian is undecided:",
        r"examples/sigmoid.py:3: truncated-constant \(expected\): .*",
        r"broken: error: no such attribute 'missing'",
        r"7 checks: 3 hold, 4 do not \(1 PROVED, 1 PASSED, 1 UNDECIDED, 3 REFUTED, 1 ERROR\) .*",
        r"not checked: two-layer: 3 sign patterns .*; two-layer: argument mask \(integer\)",
    ):
        assert re.search(f"^{line}$", text, re.M), line


def test_text_is_coloured_only_if_asked() -> None:
    plain, coloured = as_text(built.document()), as_text(built.document(), color=True)
    assert "\x1b" not in plain and "\x1b[31m" in coloured
    assert re.sub(r"\x1b\[[\d;]*m", "", coloured) == plain


def test_the_replay_line_is_safe_in_a_shell() -> None:
    finding = msgspec.structs.replace(built.wrong_gradient(), id="a b; rm -rf /")
    claim = Claim("gradient", Verdict.REFUTED, findings=(finding,))
    document = built.document(Check("c", "s", Verdict.REFUTED, (claim,)))
    assert "verifier replay 'my r.json' 'a b; rm -rf /'" in as_text(document, report="my r.json")


@pytest.mark.parametrize(
    "value, truth, digits",
    [("0.1001", "0.1", 3), ("2", "1", 0), ("1", "1", math.inf), ("5", "0", 0), ("-1", "1", 0)],
)
def test_agreeing_digits(value: str, truth: str, digits: float) -> None:
    assert shown.agreeing(Decimal(value), Decimal(truth)) == pytest.approx(digits)


@given(st.text() | st.floats().map(str) | st.decimals().map(str), st.text())
def test_no_text_breaks_a_number(text: str, other: str) -> None:
    shown.number(shown.decimal(text), text)
    shown.small(text)
    assert not CONTROLS.search(shown.visible(text + other))
    shown.agreeing(shown.decimal(text), shown.decimal(other))


def test_extreme_decimals_are_compared() -> None:
    tiny, huge = Decimal("1e-5000000"), Decimal("1e5000000")
    assert shown.agreeing(huge, tiny) == 0
    assert shown.agreeing(tiny, huge) == pytest.approx(0)
    assert shown.number(huge, "") == "1e+5000000" and shown.small("1e-5000000") == "1e-5000000"


@pytest.mark.parametrize(
    "index, text",
    [((3, 1), "W2[3, 1] = 1.0"), ((4, 0), ""), ((0,), ""), ((-1, 0), ""), (None, ""), ((), "")],
)
def test_the_input_at_a_component(index: tuple[int, ...] | None, text: str) -> None:
    witness = built.wrong_gradient().witness
    assert witness is not None and shown.element(witness.point, "W2", index) == text
    assert shown.element(witness.point, "b", index) == ""
    assert shown.element({"x": built.tensor(0.1)}, "x", ()) == "x = 0.1"


def test_rows_mark_the_digits_that_differ() -> None:
    witness = built.wrong_gradient().witness
    assert witness is not None
    found = {row.label: row for row in rows(witness)}
    assert (found["claimed"].right, found["claimed"].wrong) == ("", "19.269708640038182")
    assert found["finite difference"].right == "0.6021783950"
    assert found["ball"].agrees == "the truth"


@pytest.mark.parametrize("path, format", [("a.json", "json"), ("a.b.HTML", "html")])
def test_the_suffix_names_the_format(path: str, format: str) -> None:
    assert format_of(path) == format


@pytest.mark.parametrize("path", ["report", "report.pdf", "a.json/"])
def test_other_suffixes_are_refused_with_the_list(path: str) -> None:
    with pytest.raises(
        BadSpec, match=r"names no report format\. Let the file end in one of: \.txt"
    ):
        format_of(path)
    assert set(SUFFIXES.values()) == set(RENDERERS) - {"github"}, "its commands are for a log"


def test_an_unknown_format_is_refused_with_the_list() -> None:
    with pytest.raises(BadSpec, match=r"unknown format 'pdf'\. Formats are: text, json, html, "):
        render(built.document(), "pdf")


def test_files_are_replaced_in_one_step(tmp_path: Path) -> None:
    goal = tmp_path / "new" / "folder" / "r.json"
    assert write(goal, "one\n") == goal
    goal.chmod(0o640)
    write(goal, "two\n")
    assert goal.read_bytes() == b"two\n" and stat.S_IMODE(goal.stat().st_mode) == 0o640
    assert os.listdir(goal.parent) == ["r.json"]


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to("target")
    write(tmp_path / "link", "text")
    assert (tmp_path / "link").is_symlink() and (tmp_path / "target").read_text() == "text"


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EACCES, errno.EROFS, errno.EIO])
@pytest.mark.parametrize("step", ["fsync", "replace", "open"])
def test_nothing_is_lost_where_the_disk_refuses(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int, step: str
) -> None:
    goal = tmp_path / "r.json"
    goal.write_text("old")

    def refuse(*_: object, **__: object) -> None:
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(write_module.os, step, refuse)
    with pytest.raises(VerifierError, match=re.escape(os.strerror(code))) as caught:
        write(goal, "new")
    monkeypatch.undo()
    assert caught.value.slug == "cannot-write" and caught.value.hint
    assert goal.read_text() == "old" and os.listdir(tmp_path) == ["r.json"]


def test_paths_that_cannot_be_written_are_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    bad = {
        "a folder": (tmp_path, "That is a folder"),
        "below a file": (tmp_path / "file" / "r.json", "is a file, not a folder"),
        "too long": (tmp_path / ("x" * 5000), "too long"),
        "nul": (tmp_path / "a\0b", "Choose another path"),
    }
    for path, hint in bad.values():
        with pytest.raises(VerifierError, match=f"cannot write .*{hint}"):
            write(path, "text")


def test_a_device_is_written_to_directly() -> None:
    write("/dev/null", "text")
    assert stat.S_ISCHR(os.stat("/dev/null").st_mode)


def test_text_and_json_need_no_numpy_and_no_jinja2() -> None:
    code = (
        "import sys, verifier.renderers.as_text, verifier.renderers.as_json, verifier.rules\n"
        "print(sorted({'numpy', 'jinja2', 'mpmath', 'flint'} & set(sys.modules)))"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout == "[]\n"


@pytest.mark.parametrize("module", [shown])
def test_examples_in_docstrings(module: object) -> None:
    assert doctest.testmod(module).failed == 0  # type: ignore[arg-type]
