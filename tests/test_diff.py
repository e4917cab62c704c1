"""Between two runs: `verifier diff`, `verifier baseline`, and comments that allow a finding."""

from __future__ import annotations

import math
import sys
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from verifier.allowing import comments_at
from verifier.baseline import Baseline
from verifier.cli import main
from verifier.comparison import Change, compare, described
from verifier.errors import BadSpec
from verifier.renderers.as_json import as_json
from verifier.report import Report
from verifier.verdicts import Check, Document, Finding, Origin, Verdict

from . import hand_built as built

Command = Callable[..., tuple[int, str, str]]
ACTIVATIONS = """
import numpy as np

def sigmoid(x):
    return 1 / (1 + np.exp(-x))

def dsigmoid(x):
    return sigmoid(x) * sigmoid(-x)

def forgot(x):
    return sigmoid(x)
"""
SPEC = """
[check.right]
subject = "activations:sigmoid"
derivative = "activations:dsigmoid"
on = { x = "[-4, 4]" }
effort = "quick"
"""
WRONG = SPEC.replace("check.right", "check.wrong").replace(":dsigmoid", ":forgot")


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "activations.py").write_text(ACTIVATIONS)
    (tmp_path / "verifier.toml").write_text(SPEC + WRONG)
    return tmp_path


@pytest.fixture
def command(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Command:
    def run(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["verifier", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        said = capsys.readouterr()
        assert "Traceback" not in said.out + said.err
        return int(ended.value.code or 0), said.out, said.err

    return run


def with_finding(check: Check, finding: Finding | None) -> Check:
    """Return the check with `finding` as its first claim's only one, or without any."""
    verdict = Verdict.REFUTED if finding else Verdict.PASSED
    findings = (finding,) if finding else ()
    claim = msgspec.structs.replace(check.claims[0], findings=findings, verdict=verdict)
    return msgspec.structs.replace(check, claims=(claim, *check.claims[1:]))


def keeping(digits: float) -> Document:
    """Return a report of one finding whose witness keeps `digits` digits."""
    found = built.wrong_gradient()
    assert found.witness is not None
    witness = msgspec.structs.replace(found.witness, digits=digits)
    found = msgspec.structs.replace(found, witness=witness)
    return built.document(with_finding(built.checks()[1], found))


def kinds(old: Document, new: Document) -> list[tuple[str, str]]:
    return [(change.kind, change.where) for change in compare(old, new)]


# -------------------------------------------------------------------------------------------- diff
def test_nothing_changed() -> None:
    assert compare(built.document(), built.document()) == ()
    assert described((), "a.json", "b.json") == "a.json -> b.json: nothing changed\n"


def test_a_finding_that_appears_is_new_and_one_that_goes_is_fixed() -> None:
    clean = built.document(with_finding(built.checks()[1], None))
    faulty = built.document(built.checks()[1])
    assert kinds(clean, faulty) == [("new", "two-layer: gradient")]
    assert kinds(faulty, clean) == [("fixed", "two-layer: gradient")]


@pytest.mark.parametrize(
    "before, after, kind",
    [(6.0, 4.0, "worse"), (4.0, 6.0, "better"), (6.0, 5.5, None), (math.inf, math.inf, None)],
)
def test_digits_lost_are_worse(before: float, after: float, kind: str | None) -> None:
    found = compare(keeping(before), keeping(after))
    assert [change.kind for change in found] == ([kind] if kind else [])
    if kind:
        assert f"wrong-derivative keeps {after:.1f} digits, was {before:.1f}" in found[0].sentence


def test_a_relative_error_says_digits_too() -> None:
    found = built.truncated()
    assert found.witness is not None
    found = msgspec.structs.replace(found, expected=False)

    def off(error: float) -> Document:
        witness = msgspec.structs.replace(found.witness, digits=None, relative_error=error)
        alone = msgspec.structs.replace(found, witness=witness)
        return built.document(with_finding(built.checks()[1], alone))

    assert [c.kind for c in compare(off(1e-9), off(1e-7))] == ["worse"]
    assert [c.kind for c in compare(off(math.nan), off(1e-7))] == []


def test_agreement_lost_by_a_passed_claim_is_worse() -> None:
    check = built.checks()[0]
    evidence = msgspec.structs.replace(check.claims[1].evidence, worst_digits=8.0)
    claim = msgspec.structs.replace(check.claims[1], evidence=evidence)
    worse = msgspec.structs.replace(check, claims=(check.claims[0], claim))
    (change,) = compare(built.document(check), built.document(worse))
    assert change == Change(
        "worse", "sigmoid: derivative", "the worst component agrees to 8.0 digits, was 33.2"
    )


def test_a_verdict_that_falls_is_worse_and_an_undecided_one_is_new() -> None:
    check = built.checks()[0]

    def now(verdict: Verdict) -> Document:
        claim = msgspec.structs.replace(check.claims[0], verdict=verdict)
        return built.document(msgspec.structs.replace(check, claims=(claim, check.claims[1])))

    (fell,) = compare(now(Verdict.PROVED), now(Verdict.PASSED))
    assert (fell.kind, fell.sentence) == ("worse", "PASSED, was PROVED")
    (rose,) = compare(now(Verdict.PASSED), now(Verdict.PROVED))
    assert rose.kind == "better" and not rose.counts
    (lost,) = compare(now(Verdict.PASSED), now(Verdict.UNDECIDED))
    assert lost.kind == "new" and "is UNDECIDED" in lost.sentence


def test_checks_that_come_and_go_are_told() -> None:
    one, two = built.checks()[0], built.checks()[2]
    found = compare(built.document(one), built.document(two))
    assert [(change.kind, change.where) for change in found] == [
        ("new", "relu: derivative"), ("added", "relu"), ("removed", "sigmoid"),
    ]  # fmt: skip


def test_a_check_that_breaks_fixes_nothing() -> None:
    check = built.checks()[1]
    broken = msgspec.structs.replace(check, verdict=Verdict.ERROR, claims=(), error="it raised")
    found = compare(built.document(check), built.document(broken))
    told = [(change.kind, change.sentence.split(":")[0]) for change in found]
    assert ("new", "not-carried-out") in told
    assert ("fixed", "wrong-derivative of W2[3, 1]") not in told


def test_the_command_says_it_and_exits_1(tmp_path: Path, command: Command) -> None:
    clean = with_finding(built.checks()[1], None)
    (tmp_path / "old.json").write_text(as_json(built.document(clean)))
    (tmp_path / "new.json").write_text(as_json(built.document()))
    old, new = str(tmp_path / "old.json"), str(tmp_path / "new.json")
    code, out, _ = command("diff", old, new)
    assert code == 1
    assert "new      two-layer: gradient: wrong-derivative of W2[3, 1]: grad W2 is 32" in out
    assert command("diff", new, new)[0] == 0
    code, _, err = command("diff", old, "nowhere.json")
    assert code == 2 and "cannot read 'nowhere.json'" in err


# ---------------------------------------------------------------------------------------- baseline
def test_a_known_finding_does_not_count(project: Path, command: Command) -> None:
    assert command("run", "-o", "old.json")[0] == 1
    code, _, err = command("baseline", "old.json", "-o", "baseline.toml")
    assert code == 2 and "needs a reason. Say why it is put up with: --reason" in err
    assert not (project / "baseline.toml").exists()
    reason = 'known since 1.2, "see" issue 12'
    assert command("baseline", "old.json", "-o", "baseline.toml", "--reason", reason)[0] == 0
    code, out, _ = command("run", "--baseline", "baseline.toml", "-o", "new.json")
    assert code == 0, out
    assert f"(allowed: {reason} (baseline.toml))" in out
    assert "2 checks: 2 hold" in out
    assert command("baseline", "new.json", "-o", "baseline.toml")[0] == 0
    assert [entry.reason for entry in Baseline.read("baseline.toml").entries] == [reason]


def test_an_entry_that_no_longer_occurs_is_a_finding(project: Path, command: Command) -> None:
    command("run", "-o", "old.json")
    command("baseline", "old.json", "-o", "baseline.toml", "--reason", "known")
    (project / "verifier.toml").write_text(SPEC + WRONG.replace(":forgot", ":dsigmoid"))
    code, out, _ = command("run", "--baseline", "baseline.toml", "-o", "new.json")
    assert code == 1
    line = (project / "baseline.toml").read_text().splitlines().index("[[known]]") + 1
    assert f"baseline.toml:{line}: stale-baseline: wrong-derivative in wrong: derivative" in out
    command("baseline", "new.json", "-o", "baseline.toml")
    assert Baseline.read("baseline.toml").entries == ()
    assert command("run", "--baseline", "baseline.toml")[0] == 0


def test_only_what_was_run_can_be_stale() -> None:
    report = Report(built.document())
    known = Baseline.of(report.document, Baseline("b.toml", ()), "known")
    rules = [entry.rule for entry in known.entries]
    assert rules == ["wrong-derivative", "not-convex"], "notes and expected ones are left out"
    some = Report(built.document(built.checks()[0]))
    assert len(known.applied(some, whole=False).checks) == 1
    assert [f.rule for f in known.applied(some, whole=True).findings] == ["stale-baseline"] * 2
    broken = msgspec.structs.replace(built.checks()[4], verdict=Verdict.ERROR, claims=())
    assert len(known.applied(Report(built.document(broken)), whole=False).checks) == 1
    cut = msgspec.structs.replace(with_finding(built.checks()[4], None), cut=True)
    assert len(known.applied(Report(built.document(cut)), whole=False).checks) == 1


def test_a_baseline_holds_any_text(tmp_path: Path) -> None:
    finding = msgspec.structs.replace(
        built.wrong_gradient(), explanation=built.ODD, id='a"\\\x7f\n]]'
    )
    check = with_finding(msgspec.structs.replace(built.checks()[1], name="ä\t'"), finding)
    kept = Baseline.of(built.document(check), Baseline("b.toml", ()), 'why "\\ not\n')
    (tmp_path / "b.toml").write_text(kept.text)
    (entry,) = Baseline.read(tmp_path / "b.toml").entries
    assert (entry.id, entry.check, entry.reason) == (finding.id, check.name, 'why "\\ not')


@pytest.mark.parametrize(
    "text, message",
    [
        ("[[known]]\nid = 'a'\nrule = 'kink'\ncheck = 'c'\n", "b.toml:1: an entry has no reason"),
        ("\n[[known]]\nresaon = 'a'\n", "b.toml:2: unknown field 'resaon'. Did you mean 'reason'"),
        ("[[known]]\nid = 3\n", "an entry's fields are text"),
        ("[known]\nid = 'a'\n", "known is no list of tables"),
        ("other = 1\n", "unknown key 'other'"),
        ("[[known\n", "not TOML"),
    ],
)
def test_a_wrong_baseline_is_told_by_line(
    project: Path, command: Command, text: str, message: str
) -> None:
    (project / "b.toml").write_text(text)
    code, _, err = command("run", "--baseline", "b.toml")
    assert code == 2 and message in err
    assert "cannot be read" in command("run", "--baseline", "none.toml")[2]


# ---------------------------------------------------------------------------------------- comments
def commented(project: Path, comment: str) -> None:
    text = ACTIVATIONS.replace("    return 1 / ", f"    {comment}\n    return 1 / ")
    text = text.replace("def forgot", f"{comment}\ndef forgot")
    (project / "activations.py").write_text(text)


def test_a_comment_allows_the_finding_at_its_line(project: Path, command: Command) -> None:
    commented(project, "# verifier: allow wrong-derivative - kept for old models")
    code, out, _ = command("run")
    assert code == 0, out
    assert "wrong-derivative (allowed: kept for old models)" in out


def test_a_comment_of_another_rule_allows_nothing(project: Path, command: Command) -> None:
    commented(project, "# verifier: allow overflow - kept for old models")
    assert command("run")[0] == 1


@pytest.mark.parametrize(
    "comment, message",
    [
        ("# verifier: allow wrong-derivative", "allows no rule for a reason. Write `# verifier: "),
        ("# verifier: alow overflow - why", "allows no rule for a reason"),
        ("# verifier: allow overflov - why", "unknown rule 'overflov'. Did you mean 'overflow'"),
    ],
)
def test_a_wrong_comment_is_an_error_at_its_line(
    project: Path, command: Command, comment: str, message: str
) -> None:
    commented(project, comment)
    code, out, _ = command("run")
    assert code == 2 and message in out and "activations.py:" in out


def test_comments_are_read_on_the_line_and_just_above(tmp_path: Path) -> None:
    file = tmp_path / "f.py"
    file.write_text(
        "# verifier: allow kink - too far\n\n"
        "# verifier: allow jump - first\n# of two\n"
        "y = x  # verifier: allow overflow - second - and third\n"
    )
    found = [(c.rule, c.reason, c.where.line) for c in comments_at(Origin(str(file), 5))]
    assert found == [("overflow", "second - and third", 5), ("jump", "first", 3)]
    assert list(comments_at(Origin("<string>", 3))) == []
    assert list(comments_at(Origin(str(file), 99))) == []


def test_a_bad_comment_raises(tmp_path: Path) -> None:
    (tmp_path / "f.py").write_text("x = 1  # verifier: ignore\n")
    with pytest.raises(BadSpec, match="allows no rule for a reason"):
        list(comments_at(Origin(str(tmp_path / "f.py"), 1)))
