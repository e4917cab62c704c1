"""All numbers of the plan: how many points, directions and bits, each with its unit and source.

The plan depends on the claim, the seed and the effort only; the budget in seconds cuts it off
(DESIGN 7) and a cut report says so.
"""

from __future__ import annotations

import msgspec

from .errors import BadSpec


class Settings(msgspec.Struct, frozen=True):
    """One effort level.

    points           black-box points for a claim on arrays (count)
    grid             black-box points of an elementwise function, one array (count)
    guard_points     white-box points at and near the zeros of guards (count)
    guard_starts     starting points from which each guard is walked to its zero (count)
    guard_elements   elements of one guard that are solved for (count)
    evaluations      float evaluations of the graph the walk to guards may cost (count)
    directions       random directions in which directional derivatives are compared (count)
    precisions       the ladder climbed while a ball is undecided (bits)
    examples         Hypothesis examples (count)
    shrinks          calls the shrinker may spend on making a witness simpler (count)
    segments         chords tried in the midpoint search against convexity (count)
    components       components of which mpmath differences are taken one by one (count)
    germ_order       terms of a germ before it is given up as undecided (count)
    """

    points: int
    grid: int
    guard_points: int
    guard_starts: int
    guard_elements: int
    evaluations: int
    directions: int
    precisions: tuple[int, ...]
    examples: int
    shrinks: int
    segments: int
    components: int
    germ_order: int


# DESIGN 4: an undecided comparison is met by 128, 256, ... 4096 bits.
LADDER = (128, 256, 512, 1024, 2048, 4096)

# DESIGN 7: seconds of wall clock a check may take unless told otherwise.
BUDGET_SECONDS = 10.0

# DESIGN 7: the worker process is stopped this many seconds after its budget.
GRACE_SECONDS = 5.0

# STYLE 14: the same input gives the same bytes, so the seed is a number, never the clock.
SEED = 0

# SOUNDNESS 3: a ball agrees only if its radius is at most 2^-40 of the scale ...
AGREEMENT_BITS = 40

# ... where the scale of a component is at least 2^-20 of the gradient's norm.
SCALE_BITS = 20

# SOUNDNESS 2: non-dyadic float constants are widened by 4 ulp of their dtype in reading B.
CONSTANT_ULPS = 4

# SOUNDNESS 16: outside-rounding-budget is a warning up to 8 budgets, an error beyond.
BUDGETS_WARNING = 8.0

# SOUNDNESS 17: an opaque claim is wrong only above 2^10 budgets and sqrt(eps) of the norm.
OPAQUE_BUDGETS = 2.0**10

# DESIGN 5: multiplications of one forward beyond which mpmath reads one direction at one point.
MPMATH_MULTIPLICATIONS = 10**6

# DESIGN 6: exit code 1 when a written claim is undecided; effort that is used unless told.
EFFORT = "normal"

# The counts are choices, not measurements: "quick" answers while one types, "normal" fits the
# budget of 10 s for functions of a few thousand numbers, "thorough" is for a nightly run;
# quick and thorough are about 1/4 and 4 times normal.
EFFORTS: dict[str, Settings] = {
    "quick": Settings(
        points=8,
        grid=64,
        guard_points=24,
        guard_starts=2,
        guard_elements=4,
        evaluations=500,
        directions=2,
        precisions=LADDER[:3],
        examples=25,
        shrinks=60,
        segments=100,
        components=8,
        germ_order=6,
    ),
    "normal": Settings(
        points=24,
        grid=200,
        guard_points=96,
        guard_starts=3,
        guard_elements=8,
        evaluations=2000,
        directions=4,
        precisions=LADDER,
        examples=100,
        shrinks=200,
        segments=400,
        components=32,
        germ_order=10,
    ),
    "thorough": Settings(
        points=96,
        grid=800,
        guard_points=384,
        guard_starts=8,
        guard_elements=32,
        evaluations=8000,
        directions=8,
        precisions=LADDER,
        examples=400,
        shrinks=800,
        segments=1600,
        components=128,
        germ_order=16,
    ),
}


def settings_for(effort: str) -> Settings:
    """Return the numbers of an effort level; raises BadSpec "unknown-effort"."""
    if effort not in EFFORTS:
        raise BadSpec(
            f"unknown effort {effort!r}",
            slug="unknown-effort",
            hint=f"Choose one of {', '.join(EFFORTS)}.",
        )
    return EFFORTS[effort]
