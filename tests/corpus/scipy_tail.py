"""A control that is right far out in the tail, through scipy.special.

Re-created from issue texts and formulas, in our own code; `source` says from where.
"""

import mpmath
import numpy as np
import scipy.special
from mpmath import mpf

from .record import RIGHT, Case


def ctl_gelutail_f(x):
    return 0.5 * x * scipy.special.erfc(-x / np.sqrt(2.0))


def ctl_gelutail_g(x):
    return 0.5 * scipy.special.erfc(-x / np.sqrt(2.0)) + x * np.exp(-0.5 * x * x) / np.sqrt(
        2 * np.pi
    )


CASES: tuple[Case, ...] = (
    Case(
        id="ctl_gelutail",
        title="GELU through erfc, accurate in the negative tail",
        source="own: tail",
        family="control",
        framework="numpy",
        expected=RIGHT,
        points=(-12.0, -5.5, 3.0),
        function=ctl_gelutail_f,
        claimed=ctl_gelutail_g,
        exact=lambda x: x / 2 * mpmath.erfc(-x / mpmath.sqrt(mpf(2))),
        exact_slope=lambda x: (
            mpmath.erfc(-x / mpmath.sqrt(mpf(2))) / 2
            + x * mpmath.exp(-x * x / 2) / mpmath.sqrt(2 * mpmath.pi)
        ),
        box="[-15, 15]",
        tolerance=1e-11,
        fidelity="own",
    ),
)
