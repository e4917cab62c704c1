"""Every rule there is, by name, with the page that `verifier explain RULE` shows. Pure data."""

from __future__ import annotations

from ..errors import BadSpec
from ..nearest import did_you_mean
from .derivatives import DERIVATIVES
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

__all__ = ["RULES", "Rule", "explain"]


def explain(name: str) -> str:
    """Return the page of the rule `name`. Raises BadSpec with the nearest names for any other."""
    rule = RULES.get(name.strip().lower().replace("_", "-"))
    if rule is not None:
        return rule.page
    listed = f"The rules are: {', '.join(RULES)}."
    raise BadSpec(
        f"unknown rule {name[:80]!r}",
        slug="unknown-rule",
        hint=did_you_mean(name.strip(), RULES, otherwise=listed),
    )
