"""Every proof is proved again by the certificate's own checker, and a tampered one is refused."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import msgspec
import pytest

import verifier as vf
from verifier.certificate import replay
from verifier.certificate.proofs import CONFIRMED, proved_again
from verifier.statement import seal, statement_id
from verifier.verdicts import Check, Claim, Verdict

from . import proved_functions as given

LINE, ALL = "[-3, 3]", "(-oo, oo)"
DATA = {"X": given.X, "y": given.Y}
PROOFS: tuple[tuple[str, dict[str, Any], tuple[str, ...]], ...] = (
    ("softplus", {"x": ALL}, ("convex", "strictly increasing in x", "1-Lipschitz", "Cinf", "f > 0",
                              "0 <= df/dx <= 1", "not concave")),
    ("stable_softplus", {"x": ALL}, ("convex", "increasing in x", "1-Lipschitz", "f >= 0")),
    ("relu", {"x": ALL}, ("convex", "increasing in x", "1-Lipschitz", "C0", "f >= 0", "not C1",
                          "not strictly increasing in x", "not 0.5-Lipschitz")),
    ("leaky_relu", {"x": ALL}, ("convex", "strictly increasing in x", "1-Lipschitz", "C0")),
    ("elu", {"x": LINE}, ("convex", "increasing in x", "1-Lipschitz", "C1", "f >= -1", "not C2")),
    ("sigmoid", {"x": ALL}, ("increasing in x", "0 <= f <= 1", "Cinf", "1-Lipschitz",
                             "not convex")),
    ("stable_sigmoid", {"x": ALL}, ("increasing in x", "0 <= f <= 1", "C0")),
    ("tanh", {"x": ALL}, ("increasing in x", "1-Lipschitz", "-1 <= f <= 1", "Cinf")),
    ("silu", {"x": LINE}, ("f >= -0.2785", "-0.1 <= df/dx <= 1.1", "Cinf", "not increasing in x")),
    ("softsign", {"x": LINE}, ("increasing in x", "1-Lipschitz", "-1 <= f <= 1")),
    ("hard_tanh", {"x": ALL}, ("increasing in x", "1-Lipschitz", "-1 <= f <= 1", "C0")),
    ("huber", {"x": LINE}, ("convex", "1-Lipschitz", "C1", "f >= 0")),
    ("log_cosh", {"x": LINE}, ("convex", "1-Lipschitz", "f >= 0")),
    ("pseudo_huber", {"x": ALL}, ("convex", "Cinf")),
    ("branching", {"x": LINE}, ("increasing in x", "2-Lipschitz", "C0")),
    ("tanh_net", {"x": "[-0.5, 0.5]^(4)"}, ("Cinf", "3-Lipschitz", "-3 <= f <= 3")),
    ("softplus_net", {"x": "[-0.5, 0.5]^(4)"}, ("convex", "0.5-strongly convex", "2-Lipschitz")),
    ("least_squares", {"w": "[-1, 1]^(3)", **DATA}, ("convex in w", "f >= 0", "C2 in w")),
    ("logistic", {"w": "(-oo, oo)^(3)", **DATA}, ("convex in w",)),
    ("ridge", {"w": "[-1, 1]^(3)", **DATA}, ("0.5-strongly convex in w",)),
    ("cross_entropy", {"z": "(-oo, oo)^(3)"}, ("convex",)),
    ("perspective", {"x": "[-1, 1] x [0.5, 2]"}, ("convex",)),
    ("pair", {"x": "[-1, 1]^(2)"}, ("2-Lipschitz (1)", "2-Lipschitz (inf)", "2-Lipschitz")),
)


@pytest.fixture(scope="module")
def made() -> Callable[[str], Check]:
    known: dict[str, Check] = {}

    def make(name: str) -> Check:
        if name not in known:
            on, claims = next((o, c) for n, o, c in PROOFS if n == name)
            report = vf.verify(getattr(given, name), on=on, claims=claims, name=name)
            (check,) = report.document.checks
            known[name] = msgspec.json.decode(msgspec.json.encode(check), type=Check)
        return known[name]

    return make


@pytest.mark.parametrize("name", [name for name, _, _ in PROOFS])
def test_every_proof_is_confirmed(made: Callable[[str], Check], name: str) -> None:
    check = made(name)
    assert [c.verdict for c in check.claims if c.claim != "runs"] == [Verdict.PROVED] * len(
        next(c for n, _, c in PROOFS if n == name)), check
    for claim in check.claims:
        found = proved_again(check, claim)
        assert found.status == CONFIRMED, (claim.claim, found.line())
        assert found.seconds < 20


def test_a_report_is_looked_at_as_a_whole(made: Callable[[str], Check], tmp_path: Path) -> None:
    report = vf.verify(given.relu, on={"x": "[-1, 1]"}, name="relu",
                       claims=["convex", "not C1", "increasing in x"])
    good, text = replay(report.document)
    *lines, count = text.splitlines()
    assert good and len(lines) == 3 and count.startswith("3 of 3 stand, 0 do not")
    id = report.document.checks[0].claims[0].certificate["id"]
    good, text = replay(report.document, id[:6])
    assert good and "CONFIRMED on 1 box" in text and "claim 'convex'" in text


# ------------------------------------------------------------------------- mutations
def _paths(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield the path of every part of JSON data."""
    if path:
        yield path
    if isinstance(value, dict):
        for key in value:
            yield from _paths(value[key], (*path, key))
    elif isinstance(value, list):
        for k in range(min(len(value), 4)):
            yield from _paths(value[k], (*path, k))


def _changed(value: Any) -> Iterator[Any]:
    if isinstance(value, bool):
        yield not value
    elif isinstance(value, (int, float)):
        yield from (value + 1, -value if value else 7)
    elif isinstance(value, str):
        yield from ("", value + "x")
        for a, b in (("convex", "concave"), ("1", "2"), ("0", "1"), ("-", ""), ("x", "y")):
            if a in value:
                yield value.replace(a, b, 1)
    elif isinstance(value, list):
        yield [*value, value[-1]] if value else [0]
        if value:
            yield value[:-1]
    elif isinstance(value, dict):
        yield {**value, "more": 1}
    if value is not None:
        yield None


def _mutants(data: dict[str, Any]) -> Iterator[tuple[tuple[Any, ...], dict[str, Any]]]:
    """Yield data with one part changed, added or left out."""
    for path in list(_paths(data)):
        holder: Any = data
        for key in path[:-1]:
            holder = holder[key]
        variants = list(_changed(holder[path[-1]])) + (
            ["left out"] if isinstance(holder, dict) else [])
        for variant in variants:
            changed = copy.deepcopy(data)
            place: Any = changed
            for key in path[:-1]:
                place = place[key]
            if variant == "left out":
                del place[path[-1]]
            else:
                place[path[-1]] = variant
            if changed != data:
                yield path, changed


def _resealed(data: dict[str, Any]) -> dict[str, Any]:
    """Return a certificate whose seal and id fit again: a forger can compute them, too."""
    statement = data.get("statement")
    found = {**data, "id": statement_id(statement)} if isinstance(statement, dict) else dict(data)
    found["seal"] = seal(found)
    return found


TAMPERED = ("relu", "elu", "sigmoid", "silu", "softplus_net", "least_squares", "cross_entropy")


@pytest.mark.parametrize("name", TAMPERED)
def test_what_was_changed_after_it_was_made_is_refused(
    made: Callable[[str], Check], name: str
) -> None:
    check = made(name)
    for claim in check.claims:
        assert claim.certificate is not None
        for path, changed in _mutants(claim.certificate):
            found = proved_again(check, msgspec.structs.replace(claim, certificate=changed))
            assert found.status == "REFUSED", (claim.claim, path, found.line())


def _harmless(path: tuple[Any, ...], claim: Claim) -> bool:
    """Tell whether a part may change while a fresh proof of the same claim stays one.

    A cut of a cover elsewhere makes another cover; a joint led the search only; the words of a
    chain that keep it legal are words; numbers of a witness that its text repeats are compared.
    """
    return path[0] in ("cuts", "joints", "steps", "parts") or path[:2] == ("statement", "data")


@pytest.mark.parametrize("name", TAMPERED)
def test_a_forged_seal_does_not_help(made: Callable[[str], Check], name: str) -> None:
    """The seal fits again, so the parts themselves must be found wrong, or be harmless."""
    check, passed = made(name), []
    for claim in check.claims:
        assert claim.certificate is not None
        for path, changed in _mutants(claim.certificate):
            if path[0] in ("seal", "id"):
                continue
            forged = msgspec.structs.replace(claim, certificate=_resealed(changed))
            found = proved_again(check, forged)
            if found.status == CONFIRMED and not _harmless(path, claim):
                passed.append((claim.claim, path))
    assert not passed


# What a report may be made to say, and never is confirmed to: (function, claim, wrong claim).
WRONG = (
    ("relu", "convex", "concave"), ("relu", "1-Lipschitz", "0.5-Lipschitz"),
    ("relu", "increasing in x", "decreasing in x"), ("relu", "C0", "C1"),
    ("relu", "f >= 0", "f > 0"), ("relu", "not C1", "not C0"),
    ("relu", "increasing in x", "strictly increasing in x"), ("relu", "f >= 0", "f >= 0.5"),
    ("elu", "C1", "C2"), ("elu", "f >= -1", "f >= -0.9"), ("elu", "not C2", "not C1"),
    ("sigmoid", "0 <= f <= 1", "0 <= f <= 0.9"), ("sigmoid", "1-Lipschitz", "0.2-Lipschitz"),
    ("sigmoid", "not convex", "not increasing in x"), ("sigmoid", "increasing in x", "convex"),
    ("silu", "f >= -0.2785", "f >= -0.2784"), ("silu", "-0.1 <= df/dx <= 1.1", "0 <= df/dx <= 1"),
    ("softplus_net", "0.5-strongly convex", "1.5-strongly convex"),
    ("softplus_net", "convex", "concave"), ("softplus_net", "2-Lipschitz", "0.1-Lipschitz"),
    ("least_squares", "convex in w", "affine in w"), ("least_squares", "f >= 0", "f >= 1"),
    ("cross_entropy", "convex", "concave"), ("huber", "C1", "C2"),
    ("hard_tanh", "-1 <= f <= 1", "-1 <= f <= 0.5"), ("branching", "C0", "C1"),
    ("pair", "2-Lipschitz (1)", "1-Lipschitz (1)"), ("branching", "2-Lipschitz", "1-Lipschitz"),
)


@pytest.mark.parametrize(("name", "claim", "wrong"), WRONG)
def test_another_claim_under_a_forged_certificate_is_not_confirmed(
    made: Callable[[str], Check], name: str, claim: str, wrong: str
) -> None:
    from verifier.claims import describe, parse

    check = made(name)
    right = next(c for c in check.claims if c.claim == claim)
    swapped = msgspec.structs.replace(right, claim=wrong)
    assert proved_again(check, swapped).status == "REFUSED"
    data = copy.deepcopy(right.certificate)
    assert data is not None
    data["statement"]["claim"] = describe(parse(wrong))
    forged = msgspec.structs.replace(swapped, certificate=_resealed(data))
    assert not proved_again(check, forged).confirmed


@pytest.mark.parametrize(
    ("name", "claim", "key", "sides"),
    [
        ("elu", "f >= -1", "x", [["-oo", "oo", True, True]]),
        ("silu", "-0.1 <= df/dx <= 1.1", "x", [["-100", "100", False, False]]),
        ("softplus_net", "convex", "x", [["-50", "50", False, False]]),
        ("least_squares", "f >= 0", "w", [["1", "-1", False, False]]),
        ("least_squares", "f >= 0", "w", [["-1", "1", False, False]] * 2),
        ("perspective", "convex", "x", [["-1", "1", False, False], ["-1", "2", False, False]]),
    ],
)
def test_another_domain_is_refused(
    made: Callable[[str], Check], name: str, claim: str, key: str, sides: Any
) -> None:
    check = made(name)
    right = next(c for c in check.claims if c.claim == claim)
    data = copy.deepcopy(right.certificate)
    assert data is not None
    data["statement"]["domain"][key]["sides"] = sides
    forged = msgspec.structs.replace(right, certificate=_resealed(data))
    assert proved_again(check, forged).status == "REFUSED"


def test_whole_numbers_belong_to_the_statement() -> None:
    labels = given.np.array([0, 2])
    report = vf.verify(given.labelled, on={"z": "[-1, 1]^(3)", "labels": labels}, name="labelled",
                       claims=["convex in z"])
    (check,) = report.document.checks
    (claim,) = check.claims
    assert proved_again(check, claim).confirmed
    assert check.asked is not None
    told = copy.deepcopy(check.asked.told)
    told["on"]["labels"]["hex"] = ["0", "1"]
    other = msgspec.structs.replace(check, asked=msgspec.structs.replace(check.asked, told=told))
    found = proved_again(other, claim)
    assert found.line() == "REFUSED: the whole numbers given are not those of the certificate"


# ------------------------------------------------------------------------- the tree of cuts
def _tree(change: Callable[[list[Any]], Any]) -> dict[str, Any]:
    cuts: list[Any] = [[0, "x", 0, (0.5).hex(), 1, 2], [2, "x", 0, (1.5).hex(), 3, 4]]
    change(cuts)
    return {"boxes": 5, "cuts": cuts}


def _set(place: int, field: int, value: Any) -> Callable[[list[Any]], None]:
    def change(cuts: list[Any]) -> None:
        cuts[place][field] = value

    return change


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda cuts: cuts.pop(), "5 boxes, its 1 cuts make 3"),
        (_set(1, 3, (0.25).hex()), "outside its box"),
        (_set(1, 3, (0.5).hex()), "outside its box"),
        (_set(0, 3, (7.0).hex()), "outside its box"),
        (_set(1, 0, 0), "no cut of a box"),
        (_set(1, 0, 9), "no cut of a box"),
        (_set(1, 5, 3), "no cut of a box"),
        (_set(1, 1, "y"), "names an entry that does not move"),
        (_set(1, 2, 1), "names an entry that does not move"),
        (_set(1, 3, "nan"), "no number to cut at"),
    ],
)
def test_a_tree_that_is_no_cover_is_refused(
    change: Callable[[list[Any]], Any], message: str
) -> None:
    import numpy as np

    from verifier.certificate.covering import Refused, leaves_of
    from verifier.certificate.enclosing import Side
    from verifier.certificate.ground import Ground

    sides = {("x", 0): Side(Fraction(0), Fraction(3))}
    ground = Ground(lambda leaves: leaves["x"], {"x": np.array(0.0)}, sides, tuple(sides))
    leaves = leaves_of(ground, _tree(lambda cuts: None))
    assert sorted(box[0].low for box in leaves) == [0, Fraction(1, 2), Fraction(3, 2)]
    with pytest.raises(Refused, match=message):
        leaves_of(ground, _tree(change))


@pytest.mark.parametrize(
    ("step", "message"),
    [
        ("m.py:1: softplus of affine is concave", "is no rule of convexity"),
        ("m.py:1: softplus of concave is convex", "is no rule of convexity"),
        ("m.py:1: add of convex and concave is convex", "is no rule of convexity"),
        ("m.py:1: subtract of convex and convex is convex", "is no rule of convexity"),
        ("m.py:1: log of convex is convex", "is no rule of convexity"),
        ("m.py:1: tanh of affine is convex", "the code does no tanh"),
        ("m.py:1: add of concave and concave is concave", "ends with what is concave"),
        ("trust me", "is no step of a chain"),
    ],
)
def test_a_wrong_rule_is_refused(made: Callable[[str], Check], step: str, message: str) -> None:
    check = made("softplus")
    claim = next(c for c in check.claims if c.claim == "convex")
    data = copy.deepcopy(claim.certificate)
    assert data is not None and data["kind"] == "composition"
    data["steps"].append(step)
    found = proved_again(check, msgspec.structs.replace(claim, certificate=_resealed(data)))
    assert found.status == "REFUSED" and message in found.reason


def test_a_changed_program_is_not_confirmed(
    made: Callable[[str], Check], monkeypatch: pytest.MonkeyPatch
) -> None:
    check = made("relu")
    monkeypatch.setattr(given, "relu", lambda x: -x * x)
    for claim in check.claims[:3]:
        assert not proved_again(check, claim).confirmed, claim.claim


def test_a_proof_without_certificate_is_not_confirmed(made: Callable[[str], Check]) -> None:
    check = made("relu")
    for claim in check.claims:
        found = proved_again(check, msgspec.structs.replace(claim, certificate=None))
        assert found.line() == "NOT CONFIRMED: the claim carries no certificate"


def test_the_command_tells_what_is_not_confirmed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from verifier.cli import main

    def run(*arguments: str) -> tuple[int, str]:
        monkeypatch.setattr("sys.argv", ["verifier", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        return int(ended.value.code or 0), capsys.readouterr().out

    report = vf.verify(given.relu, on={"x": "[-1, 1]"}, name="relu", claims=["convex"])
    file = tmp_path / "report.json"
    report.save(str(file))
    data = json.loads(file.read_text())
    id = data["checks"][0]["claims"][0]["certificate"]["id"]
    assert run("replay", str(file))[0] == 0
    assert run("replay", str(file), id)[0] == 0
    data["checks"][0]["claims"][0]["claim"] = "concave"
    file.write_text(json.dumps(data))
    code, told = run("replay", str(file), id)
    assert code == 1 and "REFUSED: the certificate is of the claim 'convex'" in told


def test_the_checker_shares_no_reader_with_the_engine() -> None:
    folder = Path(vf.__file__).parent / "certificate"
    for file in folder.glob("*.py"):
        for engine in ("readers", "search", "primitives", "numerals", "oracles", "diagnosis"):
            assert f"from ..{engine}" not in file.read_text(), file.name


def log_gamma(x: Any) -> Any:
    special = pytest.importorskip("scipy.special")
    return special.gammaln(x)


def test_what_the_checker_has_no_rule_for_is_not_called_tampered() -> None:
    (check,) = vf.verify(log_gamma, on={"x": "[1.5, 3]"}, claims=["f <= 40"]).checks
    (claim,) = check.claims
    found = proved_again(check, claim)
    assert found.status == "NOT CONFIRMED" and "has no rule" in found.reason
