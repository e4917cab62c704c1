"""What is probably wrong with a refuted derivative: one suspicion a file, the simplest first.

Each suspicion is tried at the failing point and said only if it reproduces the claim there and at
fresh points, in enclosures, entry by entry.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from ..readers.fault import Diagnosis, Fault
from .constants import truncated_constant
from .factor import constant_factor, unnamed_factor
from .operands import wrong_operand
from .paths import lost_path
from .pieces import only_here, wrong_piece
from .places import exchanged_blocks, misplaced_entries, moved_entries
from .problem import in_time
from .products import wrong_rule
from .scaling import scaled_path
from .slopes import wrong_slope
from .term import extra_term

Suspicion = Callable[[Fault, tuple[str, ...]], Diagnosis | None]

# In the order in which they are tried; the first that is confirmed is said.
SUSPICIONS: Mapping[str, Suspicion] = {
    "special value": only_here,
    "constant factor": constant_factor,
    "moved entries": moved_entries,
    "exchanged blocks": exchanged_blocks,
    "truncated constant": truncated_constant,
    "extra term": extra_term,
    "slope of an activation": wrong_slope,
    "lost path": lost_path,
    "wrong rule": wrong_rule,
    "wrong operand": wrong_operand,
    "scaled path": scaled_path,
    "unnamed factor": unnamed_factor,
    "wrong piece": wrong_piece,
    "misplaced entries": misplaced_entries,
}


def diagnose(fault: Fault) -> tuple[Diagnosis, ...]:
    """Return the confirmed diagnoses of a fault, each with the blocks it explains.

    Every suspicion is asked of all failing blocks together, then of each that is unexplained.
    """
    found: list[Diagnosis] = []
    left = fault.failing
    for suspicion in SUSPICIONS.values():
        if not left or not in_time(fault):
            break
        answer = suspicion(fault, left)
        if answer is not None:
            found.append(answer)
            left = tuple(k for k in left if k not in answer.labels)
    for suspicion in SUSPICIONS.values():
        for label in left:
            if not in_time(fault) or len(fault.failing) == 1:
                break
            answer = suspicion(fault, (label,))
            if answer is not None:
                found.append(answer)
                left = tuple(k for k in left if k not in answer.labels)
    return tuple(found)


__all__ = ["SUSPICIONS", "Diagnosis", "Fault", "diagnose"]
