"""Every rule and every error there is, by name, with the page that `verifier explain` shows."""

from __future__ import annotations

from ..errors import BadSpec
from ..nearest import did_you_mean
from .derivatives import DERIVATIVES
from .errors import ERRORS
from .numerics import NUMERICS
from .properties import PROPERTIES
from .rule import Rule
from .running import RUNNING
from .smoothness import SMOOTHNESS
from .training import TRAINING

RULES: dict[str, Rule] = {
    rule.name: rule
    for rule in (*DERIVATIVES, *SMOOTHNESS, *PROPERTIES, *NUMERICS, *TRAINING, *RUNNING)
}

__all__ = ["ERRORS", "RULES", "Rule", "explain"]


def explain(name: str) -> str:
    """Return the page of the rule or message `name`. Raises BadSpec with the nearest names."""
    word = name.strip().lower().replace("_", "-")
    if word in RULES:
        return RULES[word].page
    if word in ERRORS:
        return ERRORS[word].page
    listed = f"The rules are: {', '.join(RULES)}."
    raise BadSpec(
        f"unknown rule {name[:80]!r}",
        slug="unknown-rule",
        hint=did_you_mean(name.strip(), (*RULES, *ERRORS), otherwise=listed),
    )
