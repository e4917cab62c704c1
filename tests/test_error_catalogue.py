"""Every error has a slug of the catalogue; each slug has a page and is met by what a user does."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from verifier import errors
from verifier.errors import BadSpec, VerifierError
from verifier.frontends.from_numpy.known import known
from verifier.importing import sentence
from verifier.rules import ERRORS, RULES, explain

from .pages import errors_page
from .provocations import ACTIONS

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "verifier"
KINDS = {
    name for name, kind in vars(errors).items()
    if isinstance(kind, type) and issubclass(kind, VerifierError)
} | {"WrongShape", "NotRational"}  # fmt: skip
TAKES_A_SLUG = {"_bad": 2, "refuse": 2}  # functions that hand a slug on: its position


def calls() -> Iterator[tuple[str, ast.Call]]:
    for module in sorted(PACKAGE.rglob("*.py")):
        for node in ast.walk(ast.parse(module.read_text("utf-8"))):
            if isinstance(node, ast.Call):
                yield f"{module.relative_to(ROOT)}:{node.lineno}", node


def name_of(call: ast.Call) -> str:
    return ast.unparse(call.func).rpartition(".")[2]


def slugs() -> dict[str, list[str]]:
    """Return every slug written in the package, with its places."""
    found: dict[str, list[str]] = {}
    for place, call in calls():
        told = [k.value for k in call.keywords if k.arg == "slug"]
        position = TAKES_A_SLUG.get(name_of(call))
        if position is not None and not told:
            told = call.args[position : position + 1]
        for value in told:
            if isinstance(value, ast.Constant) and re.fullmatch(r"[a-z-]+", str(value.value)):
                found.setdefault(str(value.value), []).append(place)
    return found


def test_every_slug_of_the_package_is_in_the_catalogue_and_no_other() -> None:
    found = slugs()
    found.setdefault("not-lifted", []).append("the default of Trace.refuse")
    assert found.keys() == ERRORS.keys(), (
        {slug: found[slug] for slug in found.keys() - ERRORS.keys()},
        sorted(ERRORS.keys() - found.keys()),
    )


def test_every_error_is_made_with_a_slug() -> None:
    made = [(place, call) for place, call in calls() if name_of(call) in KINDS]
    assert len(made) > 100
    for place, call in made:
        assert any(keyword.arg == "slug" for keyword in call.keywords), place


def test_slugs_are_met_one_by_one() -> None:
    assert ACTIONS.keys() == ERRORS.keys()
    assert not ERRORS.keys() & (RULES.keys() - {"not-covered", "wrong-shape"})


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("slug", ACTIONS)
def test_the_error_is_met_and_says_what_its_page_shows(
    slug: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    met: list[VerifierError] = []
    make = VerifierError.__init__

    def remembered(self: VerifierError, *told: object, **more: object) -> None:
        make(self, *told, **more)  # type: ignore[arg-type]
        met.append(self)

    monkeypatch.setattr(VerifierError, "__init__", remembered)
    try:
        ACTIONS[slug]()
    except VerifierError as error:
        met.append(error)
    said = {sentence(error) for error in met if error.slug == slug}
    assert ERRORS[slug].says in said


@pytest.mark.parametrize("slug", ERRORS)
def test_its_page_is_whole(slug: str) -> None:
    entry = ERRORS[slug]
    assert entry.slug == slug and entry.causes and entry.remedy.endswith((".", '".'))
    page = entry.page
    assert page.startswith(f"{slug} (a message): {entry.what}")
    for title in ("Such as", "Likely causes", "What to do"):
        assert re.search(f"^{title}\n    \\S", page, re.M)
    if slug not in RULES:
        assert explain(slug.upper()) == page


def test_the_page_of_all_errors_is_made_from_the_catalogue() -> None:
    assert (ROOT / "docs" / "errors.md").read_text("utf-8") == errors_page()


def test_a_misspelt_slug_is_answered_with_the_nearest() -> None:
    with pytest.raises(BadSpec, match="Did you mean 'bad-domain'"):
        explain("bad-domein")


def test_what_is_listed_as_lifted_exists() -> None:
    import numpy as np

    names = known()["numpy"]
    assert len(names) > 150
    for name in names:
        owner = np.linalg if name.startswith("np.linalg.") else np
        if name != "np.sliding_window_view":
            assert hasattr(owner, name.rpartition(".")[2]), name
