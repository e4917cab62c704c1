"""The laws that speak of proofs: what each warns of is not confirmed, whatever a report says."""

from __future__ import annotations

from typing import Any

import pytest

from verifier.certificate.proofs import Proof, proved_again
from verifier.claims import describe, parse
from verifier.statement import FORMAT, seal, statement_id
from verifier.verdicts import Asked, Check, Claim, Verdict

SIDE = {"[-1, 1]": ("-1", "1", False, False), "[0, 1]": ("0", "1", False, False),
        "(0, 1]": ("0", "1", True, False), "(-oo, oo)": ("-oo", "oo", True, True),
        "[-1, 0]": ("-1", "0", False, False), "[1, 2]": ("1", "2", False, False)}


def told(name: str, claim: str, domain: str, shape: tuple[int, ...] = ()) -> Proof:
    """Return what becomes of a report that says the claim is PROVED, all of it in order."""
    subject = f"tests.proved_functions:{name}"
    text = domain + (f"^({'x'.join(map(str, shape))})" if shape else "")
    statement: dict[str, Any] = {
        "check": name, "subject": subject, "claim": describe(parse(claim)), "semantics": "REAL",
        "reason": "", "moved": ["x"], "data": {}, "dtype": {"x": "float64"},
        "fixed": {},
        "domain": {"x": {"shape": list(shape), "sides": [list(SIDE[domain])]}},
    }
    data: dict[str, Any] = {"kind": "derived", "format": FORMAT, "statement": statement,
                            "id": statement_id(statement)}
    data["seal"] = seal(data)
    made = Claim(claim=claim, verdict=Verdict.PROVED, certificate=data)
    asked = Asked(subject, {"on": {"x": text}, "claims": [claim]})
    return proved_again(Check(name, subject, Verdict.PROVED, (made,), asked=asked), made)


# (law, function, claim that does not hold, domain)
FALSE = (
    (2, "tenth", "f <= 0.1", "[-1, 0]"),  # the float 0.1 is more than 1/10
    (5, "forked", "convex", "[-1, 1]"),
    (5, "forked", "C1", "[-1, 1]"),
    (8, "masked_root", "f >= 0", "[-1, 1]"),  # 0 times nan is nan
    (13, "root", "C1", "[0, 1]"),
    (13, "cubed", "C3", "[-1, 1]"),
    (13, "stairs", "C0", "[-1, 1]"),
    (14, "stairs", "1-Lipschitz", "[-1, 1]"),
    (14, "step", "1-Lipschitz", "[-1, 1]"),
    (14, "step", "decreasing in x", "[-1, 1]"),
    (14, "piece_of_two", "1-Lipschitz", "[-1, 1]"),
    (14, "inverse", "decreasing in x", "[-1, 1]"),
    (15, "minus_absolute", "convex", "[-1, 1]"),
    (15, "dented", "convex", "[-1, 1]"),  # the kink is not made up for by curvature
    (15, "inverse", "convex", "[-1, 1]"),
    (15, "inverse", "convex", "[0, 1]"),
    (15, "logarithm", "concave", "[0, 1]"),
    (15, "piece_of_two", "convex", "[-1, 1]"),
    (15, "stairs", "convex", "[-1, 1]"),
    (15, "step", "convex", "[-1, 1]"),
    (19, "not_a_number", "f >= 0", "[-1, 1]"),
    (19, "overflowing", "f >= 0", "[-1, 1]"),
    (19, "logarithm", "f <= 1", "[-1, 1]"),
    (19, "root", "increasing in x", "[-1, 1]"),
)


@pytest.mark.parametrize(("law", "name", "claim", "domain"), FALSE)
def test_what_does_not_hold_is_never_confirmed(
    law: int, name: str, claim: str, domain: str
) -> None:
    found = told(name, claim, domain)
    assert found.status == "NOT CONFIRMED" and found.reason, (law, found.line())


# The healthy twins: (law, function, claim that holds, domain).
TRUE = (
    (2, "tenth", "f <= 0.11", "[-1, 0]"), (5, "forked", "increasing in x", "[-1, 1]"),
    (8, "rooted", "C0", "[-1, 1]"), (8, "rooted", "increasing in x", "[-1, 1]"),
    (13, "root", "C0", "[0, 1]"), (13, "root", "Cinf", "(0, 1]"), (13, "cubed", "C2", "[-1, 1]"),
    (13, "minus_absolute", "Cinf", "[0, 1]"),
    (14, "step", "increasing in x", "[-1, 1]"), (14, "inverse", "decreasing in x", "[1, 2]"),
    (15, "minus_absolute", "concave", "[-1, 1]"), (15, "minus_absolute", "convex", "[0, 1]"),
    (15, "inverse", "convex", "(0, 1]"), (15, "logarithm", "concave", "(0, 1]"),
    (15, "cubed", "convex", "(-oo, oo)"), (19, "root", "increasing in x", "[0, 1]"),
)


@pytest.mark.parametrize(("law", "name", "claim", "domain"), TRUE)
def test_their_healthy_twins_are_confirmed(law: int, name: str, claim: str, domain: str) -> None:
    found = told(name, claim, domain)
    assert found.confirmed, (law, found.line())


def test_what_the_checker_has_no_rule_for_is_said() -> None:
    found = told("stairs", "increasing in x", "[0, 1]")
    assert found.status == "NOT CONFIRMED" and "could not be told apart" in found.reason


@pytest.mark.parametrize(
    ("name", "claim"),
    [("minimum_of_two", "convex"), ("minimum_of_two", "C1"), ("product_of_two", "convex"),
     ("product_of_two", "strictly increasing in x"), ("product_of_two", "1-Lipschitz"),
     ("minimum_of_two", "0.5-Lipschitz")],
)
def test_functions_of_two_numbers(name: str, claim: str) -> None:
    assert not told(name, claim, "[-1, 1]", (2,)).confirmed


def test_two_numbers_that_hold() -> None:
    assert told("minimum_of_two", "2-Lipschitz (inf)", "[-1, 1]", (2,)).confirmed
    assert told("product_of_two", "2-Lipschitz", "[-1, 1]", (2,)).confirmed
    assert told("product_of_two", "increasing in x", "[0, 1]", (2,)).confirmed
    assert told("product_of_two", "Cinf", "(-oo, oo)", (2,)).confirmed
