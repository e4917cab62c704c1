"""Specifications, references, workers and what holds: the road from files to checks."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

import verifier as vf
from verifier.declared import declared_in, declared_of
from verifier.discovery import discover
from verifier.errors import BadSpec, BadSubject
from verifier.importing import import_file
from verifier.nearest import did_you_mean
from verifier.resolve import Scope, Selected, is_reference, resolve, resolve_callable
from verifier.run import plan, run
from verifier.settle import allowances, settled
from verifier.specification import CheckTable, Config, read
from verifier.verdicts import Check, Claim, Finding, Origin, Severity, Verdict
from verifier.words import WORDS, seconds


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def written(folder: Path, name: str, text: str) -> Path:
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(text)
    return folder / name


# ---------------------------------------------------------------------------------- specification
GOOD = """
pythonpath = ["src"]
seed = 7
fail_on = "warning"

[check.one]
subject = "m:f"
gradient = "m:g"
on = { x = "[-1, 1]" }

[check."two words"]
subject = "m:f"
claims = "convex in x"
seed = 8
"""


def test_a_specification_is_read(project: Path) -> None:
    said = read(written(project, "verifier.toml", GOOD))
    assert said.fail_on == "warning"
    assert said.pythonpath == (str(project / "src"),)
    one, two = said.checks
    assert (one.name, one.subject) == ("one", "m:f")
    assert one.told == {"gradient": "m:g", "on": {"x": "[-1, 1]"}, "seed": 7}
    assert (two.name, two.told["seed"]) == ("two words", 8)
    assert one.where == Origin("verifier.toml", 6, "[check.one]")


@pytest.mark.parametrize(
    ("lines", "place", "message"),
    [
        ('subjekt = "m:f"', 3, "unknown key 'subjekt' in [check.a]. Did you mean 'subject'?"),
        ("zzz = 1", 3, "unknown key 'zzz' in [check.a]. The keys are: subject"),
        ("subject = 3", 3, "check.a.subject: expected a string, got a whole number."),
        ('subject = "m:f"\non = "[-1, 1]"', 4, "check.a.on: expected a table, got a string."),
        ('subject = "m:f"\ngradient = true', 4, "expected a string, got true or false."),
        ('subject = "m:f"', 2, "[check.a] claims nothing. Give claims or one of derivative,"),
        ('gradient = "m:g"', 2, "[check.a] has no subject. Add subject = 'module:function'."),
        ('formula = "x"\nclaims = "convex"', 3, "gives a formula, which this version does not"),
        ('subject = "m:f"\nhvp = "m:h"\neffort = "thorogh"', 5, "Did you mean 'thorough'?"),
        ('subject = "m:f"\nhvp = "m:h"\nbudget = "soon"', 5, "budget 'soon' is no time."),
        ('subject = "m:f"\nhvp = "m:h"\nexpect = ["kinc"]', 5, "Did you mean 'kink'?"),
        ('subject = "m:f"\nhvp = "m:h"\nallow = [{rule = "kink"}]', 5, "is not a rule, a place"),
        ('subject = "m:f"\nhvp = "m:h"\ndtype = "float65"', 5, "Invalid enum value 'float65'"),
    ],
)
def test_a_wrong_check_says_its_line(project: Path, lines: str, place: int, message: str) -> None:
    path = written(project, "verifier.toml", f"\n[check.a]\n{lines}\n[check.b]\nsubject = 'm:f'\n")
    wrong, _ = read(path).checks
    assert message.lower() in wrong.error.lower()
    assert wrong.where is not None
    assert (wrong.where.file, wrong.where.line) == ("verifier.toml", place)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[chek.a]\n", "verifier.toml:1: unknown key 'chek'. Did you mean 'check'?"),
        ("\nsed = 3\n", "verifier.toml:2: unknown key 'sed'. Did you mean 'seed'?"),
        ("seed = 'x'\n", "verifier.toml:1: seed: expected a whole number, got a string."),
        ("check = 3\n", "verifier.toml:1: checks are named tables. Write a table [check.NAME]"),
        ("[check.a\n", "verifier.toml:1: not TOML:"),
    ],
)
def test_a_wrong_top_level_says_its_line(project: Path, text: str, message: str) -> None:
    with pytest.raises(BadSpec) as caught:
        read(written(project, "verifier.toml", text))
    assert str(caught.value).startswith(message)
    (spec,) = plan(discover((), project)).specs
    assert spec.error, "and the command makes it a check that is an ERROR"


def test_the_words_are_the_same_everywhere() -> None:
    assert set(CheckTable.__struct_fields__) - {"subject", "formula"} == set(WORDS) - {"name"}
    assert "check" in Config.__struct_fields__


def test_times() -> None:
    assert [seconds(t) for t in (1, "1", "1s", "2m", "500ms", "1h")] == [1, 1, 1, 120, 0.5, 3600]
    for wrong in ("", "-1", "0", "nan", "inf", "1d"):
        with pytest.raises(BadSpec, match="is no time"):
            seconds(wrong)


def test_did_you_mean() -> None:
    assert did_you_mean("Softplus", ["softplus", "relu"]) == "Did you mean 'softplus'?"
    assert did_you_mean("x", ["softplus"], otherwise="No.") == "No."


# -------------------------------------------------------------------------------------- discovery
def test_without_paths_the_nearest_configuration_upward(project: Path) -> None:
    config = written(project, "verifier.toml", "")
    written(project, "a/verify_one.py", "")
    written(project, "a/other.py", "")
    written(project, "a/b/verify_two.py", "")
    written(project, ".hidden/verify_no.py", "")
    written(project, "env/verify_no.py", "")
    written(project, "virtual/pyvenv.cfg", "")
    written(project, "virtual/verify_no.py", "")
    (found,) = discover((), project / "a" / "b")
    assert found.config == config
    assert [p.name for p in found.files] == ["verify_two.py", "verify_one.py"] or [
        p.relative_to(project).as_posix() for p in found.files
    ] == ["a/verify_one.py", "a/b/verify_two.py"]
    (inside,) = discover(("a",), project)
    assert inside.config is None
    assert len(inside.files) == 2


def test_a_pyproject_counts_only_with_its_table(project: Path) -> None:
    written(project, "verifier.toml", "")
    written(project, "a/pyproject.toml", "[project]\nname = 'x'\n")
    (found,) = discover((), project / "a")
    assert found.config == project / "verifier.toml"
    written(project, "a/pyproject.toml", "[tool.verifier.check.x]\nsubject = 'm:f'\n")
    (found,) = discover((), project / "a")
    assert found.config == project / "a" / "pyproject.toml"


def test_a_named_python_file_is_read_whatever_its_name(project: Path) -> None:
    written(project, "verifier.toml", "pythonpath = ['src']\n")
    written(project, "a/claims.py", "")
    (spec,) = plan(discover(("a/claims.py",), project)).specs
    assert spec.root == str(project)
    assert spec.pythonpath == (str(project / "src"),)


# ------------------------------------------------------------------------------------- references
MODULE = """
import numpy as np
calls = 0
class Layer:
    def forward(self, x): return 2 * x
    def backward(self, d): return 2 * d
layer = Layer()
layers = [layer]
def make(scale=1):
    global calls
    calls += 1
    return Layer()
def loss(x):
    return x**2, {"W1": 2 * x, "both": (x, -x)}
X = np.arange(6.0).reshape(2, 3)
"""


@pytest.fixture
def scope(project: Path, monkeypatch: pytest.MonkeyPatch) -> Scope:
    written(project, "net_under_test.py", MODULE)
    monkeypatch.syspath_prepend(str(project))
    monkeypatch.delitem(sys.modules, "net_under_test", raising=False)
    return Scope(root=project, where=Origin("verifier.toml", 3))


def test_references_lead_to_what_they_name(scope: Scope) -> None:
    assert resolve_callable("net_under_test:layer.forward", scope)(3) == 6
    assert resolve_callable("net_under_test:layers[0].forward", scope)(3) == 6
    assert resolve_callable("net_under_test.py:loss", scope)(3)[0] == 9
    assert resolve("net_under_test:X[1, 2]", scope) == 5
    assert resolve("net_under_test:X[:, 0]", scope).tolist() == [0, 3]


def test_selectors_pick_from_the_result(scope: Scope) -> None:
    picked = resolve_callable("net_under_test:loss[1]['both'][-1]", scope)
    assert isinstance(picked, Selected)
    assert picked(5) == -5
    assert picked.__name__ == "loss[1]['both'][-1]"
    with pytest.raises(BadSubject, match="what was returned, a tuple, has no such part"):
        resolve_callable("net_under_test:loss[2]", scope)(5)


def test_a_factory_is_called_once_a_check(scope: Scope) -> None:
    forward = resolve_callable("net_under_test:make().forward", scope)
    backward = resolve_callable("net_under_test:make().backward", scope)
    assert forward.__self__ is backward.__self__  # type: ignore[attr-defined]
    assert resolve("net_under_test:calls", scope) == 1
    resolve("net_under_test:make(3)", scope)
    assert resolve("net_under_test:calls", scope) == 2


@pytest.mark.parametrize(
    ("reference", "message"),
    [
        ("net_under_test:los", "net_under_test has no attribute 'los'. Did you mean 'loss'?"),
        ("net_under_test:layer.forwards", "Did you mean 'forward'?"),
        ("net_under_tes:loss", "no module named 'net_under_tes'. Did you mean 'net_under_test'?"),
        ("net_under_test:layers[3]", "layers[3] raised IndexError: list index out of range."),
        ("net_under_test:layers()", "a list cannot be called. Leave the parentheses out."),
        ("net_under_test:make('a', 'b')", "raised TypeError: make() takes from 0 to 1"),
        ("net_under_test:make(x=1)", "holds more than names, calls and selectors."),
        ("net_under_test:loss[x]", "x is not a plain number or string."),
        ("net_under_test:layers", "net_under_test:layers is a list, not a callable."),
        ("loss", "'loss' names no module. Write 'module:function'"),
    ],
)
def test_bad_references_say_what_is_near(scope: Scope, reference: str, message: str) -> None:
    with pytest.raises(BadSubject) as caught:
        resolve_callable(reference, scope)
    assert message in str(caught.value)
    assert caught.value.where is not None


def test_names_are_looked_up_in_the_declaring_module(scope: Scope) -> None:
    within = Scope(root=scope.root, names={"g": len})
    assert resolve("g", within) is len
    with pytest.raises(BadSubject, match="no 'gg' in the module that claims it"):
        resolve("gg", within)


def test_domains_are_no_references() -> None:
    for text in ("[-1, 1]", "(0, inf)", "[0, 1] x [-2, 2]", "{0..9}^(32)", "autodiff"):
        assert not is_reference(text)
    for text in ("m:X", "a.b:c.d", "data/x.py:load()[0]"):
        assert is_reference(text)


def test_two_files_of_one_name_are_two_modules(project: Path) -> None:
    written(project, "a/claims_of.py", "x = 1\n")
    written(project, "b/claims_of.py", "x = 2\n")
    first, second = (import_file(project / f / "claims_of.py") for f in "ab")
    assert (first.x, second.x) == (1, 2)
    assert import_file(project / "a" / "claims_of.py") is first


# ----------------------------------------------------------------------------------------- claims
def test_claim_returns_the_function_unchanged() -> None:
    def cube(x: float) -> float:
        return x**3

    assert vf.claim(derivative="later", on={"x": "[0, 1]"})(cube) is cube
    (declared,) = declared_of(cube)
    assert declared.name == "test_claim_returns_the_function_unchanged.cube"
    assert declared.where.file == __file__
    assert declared in declared_in(sys.modules[__name__])


def test_a_misspelt_word_is_told_at_once() -> None:
    with pytest.raises(BadSpec, match=r"not know 'gradeint'. Did you mean 'gradient'"):
        vf.claim(gradeint="g")  # type: ignore[call-arg]
    with pytest.raises(BadSpec, match=r"test_run.py:\d+: vf.verify does not know 'claim'."):
        vf.verify(len, claim="convex")  # type: ignore[call-arg]


# ------------------------------------------------------------------------------------ what holds
def check(*rules: str, verdict: Verdict = Verdict.REFUTED) -> Check:
    found = tuple(
        Finding(rule, rule, Severity.ERROR, "...", argument="W", origin=Origin("a/net.py", 3))
        for rule in rules
    )
    return Check("c", "m:f", verdict, (Claim("gradient", verdict, findings=found),))


@pytest.mark.parametrize(
    ("made", "expect", "holds"),
    [
        (check(verdict=Verdict.PASSED), (), True),
        (check(verdict=Verdict.PROVED), (), True),
        (check(verdict=Verdict.UNDECIDED), (), False),
        (check("wrong-derivative"), (), False),
        (check("wrong-derivative"), ("wrong-derivative",), True),
        (check("wrong-derivative", "overflow"), ("wrong-derivative",), False),
        (check("wrong-derivative"), ("overflow",), False),
        (check("wrong-derivative"), ("wrong-derivative", "overflow"), False),
        (check(verdict=Verdict.PASSED), ("wrong-derivative",), False),
    ],
)
def test_expectations(made: Check, expect: tuple[str, ...], holds: bool) -> None:
    done = settled(made, expect)
    assert done.holds is holds
    for finding in done.claims[0].findings:
        assert finding.expected is (finding.rule in expect)


@pytest.mark.parametrize(
    ("place", "holds"),
    [("", True), ("W", True), ("net.py", True), ("net.py:3", True), ("net.py:4", False)],
)
def test_allowances(place: str, holds: bool) -> None:
    allow = allowances([{"rule": "wrong-derivative", "place": place, "reason": "known"}])
    done = settled(check("wrong-derivative"), (), allow)
    assert done.holds is holds
    assert done.claims[0].findings[0].allowed == ("known" if holds else None)


# ---------------------------------------------------------------------------------------- workers
BEHAVIOUR = """
import contextlib, ctypes, os, sys, time
import numpy as np
def fine(x): return x * x
def dfine(x): return 2 * x
def endless(x):
    while True:
        pass
def leaves(x): os._exit(4)
def crashes(x): return ctypes.string_at(0)
def killed(x): os.kill(os.getpid(), 9)
def exits(x): sys.exit("enough")
def closes(x):
    with contextlib.suppress(OSError):
        os.close(1); os.close(2)
    return x * x
"""


def outcome_of(project: Path, *subjects: str) -> dict[str, Check]:
    written(project, "behaviour.py", BEHAVIOUR)
    tables = (
        f"[check.{s}]\nsubject = 'behaviour:{s}'\nderivative = 'behaviour:dfine'\n"
        "on = {x = '[-1, 1]'}\neffort = 'quick'\n"
        for s in subjects
    )
    written(project, "verifier.toml", "budget = 0.5\n" + "\n".join(tables))
    planned = plan(discover((), project))
    done = run(planned.specs, watch=lambda *_: None)
    assert not done.internal
    return {check.name: check for check in done.checks}


def test_what_kills_the_worker_spares_the_command(project: Path) -> None:
    found = outcome_of(project, "leaves", "crashes", "killed", "exits", "fine", "closes")
    assert "ended its process with exit code 4 (os._exit" in found["leaves"].error
    assert "crashed its process (SIGSEGV)" in found["crashes"].error
    assert found["crashes"].origin is not None
    assert (found["crashes"].origin.file, found["crashes"].origin.line) == ("behaviour.py", 10)
    assert "was killed (SIGKILL)" in found["killed"].error
    assert "SystemExit: enough" in found["exits"].error
    for name in ("leaves", "crashes", "killed", "exits"):
        assert found[name].verdict is Verdict.ERROR
    assert found["fine"].verdict is Verdict.PASSED
    assert found["closes"].verdict is Verdict.PASSED


def test_what_never_returns_is_stopped(project: Path) -> None:
    found = outcome_of(project, "endless", "fine")
    assert "endless did not return within 5.5 s" in found["endless"].error
    assert found["endless"].origin is not None
    assert found["endless"].origin.file == "behaviour.py"
    assert found["endless"].origin.line in (7, 8)
    assert found["fine"].verdict is Verdict.PASSED


def test_checks_of_one_name_are_told_apart(project: Path) -> None:
    text = "import verifier as vf\n@vf.claim(derivative='g')\n@vf.claim(derivative='g')\n"
    written(project, "verify_a.py", text + "def f(x): return x\ndef g(x): return 1 + 0 * x\n")
    done = run(plan(discover((), project)).specs, watch=lambda *_: None)
    assert [check.name for check in done.checks] == ["f", "f (2)"]
