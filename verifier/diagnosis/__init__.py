"""What is probably wrong with a refuted derivative: one suspicion a file, the simplest first.

Each suspicion is tried at the failing point and said only if it reproduces the claim there and at
fresh points, in enclosures, entry by entry.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

from ..errors import VerifierError
from ..readers.fault import Diagnosis, Fault
from .accumulation import overwritten
from .constants import truncated_constant
from .factor import constant_factor, leaf_factor, unnamed_factor
from .operands import wrong_operand
from .paths import lost_path
from .pieces import only_here, wrong_piece
from .places import exchanged_blocks, misplaced_entries, moved_entries
from .problem import in_time
from .products import wrong_rule
from .scaling import scaled_path
from .slopes import wrong_slope
from .some_entries import complement, some_entries
from .term import extra_term

Suspicion = Callable[[Fault, tuple[str, ...]], Diagnosis | None]

# In the order in which they are tried; the first that is confirmed is said.
SUSPICIONS: Mapping[str, Suspicion] = {
    "special value": only_here,
    "constant factor": constant_factor,
    "moved entries": moved_entries,
    "exchanged blocks": exchanged_blocks,
    "truncated constant": truncated_constant,
    "complement": complement,
    "extra term": extra_term,
    "factor of an argument": leaf_factor,
    "lost path": lost_path,
    "slope of an activation": wrong_slope,
    "wrong rule": wrong_rule,
    "overwritten parts": overwritten,
    "wrong operand": wrong_operand,
    "some entries": some_entries,
    "scaled path": scaled_path,
    "unnamed factor": unnamed_factor,
    "wrong piece": wrong_piece,
    "misplaced entries": misplaced_entries,
}


# These try a wrong rule on all blocks at once and say which of them it explains.
BY_SURGERY = frozenset(
    {lost_path, wrong_slope, wrong_rule, overwritten, wrong_operand, scaled_path}
)


def diagnose(fault: Fault) -> tuple[Diagnosis, ...]:
    """Return the confirmed diagnoses of a fault, each with the blocks it explains.

    One cause for all failing blocks is looked for first, then one for each by itself.
    """
    partial: list[Diagnosis] = []
    for suspicion in SUSPICIONS.values():
        answer = _asked(suspicion, fault, fault.failing)
        if answer is not None and answer.labels == fault.failing:
            return (answer,)
        if answer is not None:
            partial.append(answer)
    return tuple(_apart(fault, partial)) if len(fault.failing) > 1 else ()


def _asked(suspicion: Suspicion, fault: Fault, labels: tuple[str, ...]) -> Diagnosis | None:
    """Return the answer of one suspicion; one that cannot be tried is not said.

    A changed rule may divide by zero, fit no shape or leave the table: the verdict stands anyway.
    """
    try:
        return suspicion(fault, labels) if in_time(fault) else None
    except (ArithmeticError, LookupError, ValueError, VerifierError):
        return None
    except Exception as trouble:  # a defect of the suspicion must not cost the check its verdict
        fault.troubles.append(f"{suspicion.__name__}: {type(trouble).__name__}: {trouble}")
        return None


def _apart(fault: Fault, partial: list[Diagnosis]) -> Iterator[Diagnosis]:
    """Yield a diagnosis for each block of its own, then what surgery explained of the rest."""
    left = set(fault.failing)
    for suspicion in SUSPICIONS.values():
        if suspicion in BY_SURGERY:
            continue
        for label in fault.failing:
            answer = _asked(suspicion, fault, (label,)) if label in left else None
            if answer is not None:
                left.remove(label)
                yield answer
    for answer in partial:
        rest = tuple(k for k in answer.labels if k in left)
        if rest:
            left -= set(rest)
            yield replace(answer, labels=rest)


__all__ = ["SUSPICIONS", "Diagnosis", "Fault", "diagnose"]
