"""Which word was meant? The nearest of those that exist."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


def nearest(word: str, options: Iterable[str]) -> str | None:
    """Return the option closest to `word`, or None where nothing is close.

    >>> nearest("tolerence", ["tolerance", "seed"])
    'tolerance'
    """
    known = list(options)
    lowered = {option.lower(): option for option in reversed(known)}
    found = difflib.get_close_matches(word.lower(), lowered, n=1, cutoff=0.6)
    return lowered[found[0]] if found else None


def did_you_mean(word: str, options: Iterable[str], *, otherwise: str = "") -> str:
    """Return the hint "did you mean 'tolerance'?", or `otherwise` where nothing is close.

    >>> did_you_mean("zzz", ["tolerance"], otherwise="The keys are: tolerance.")
    'The keys are: tolerance.'
    """
    found = nearest(word, options)
    return f"Did you mean {found!r}?" if found else otherwise
