"""Rules about what rounding does to a right formula."""

from __future__ import annotations

from ..verdicts import Severity
from .rule import Rule

NUMERICS = (
    Rule(
        "precision-loss",
        Severity.NOTE,
        "the formula is right, and its computed value has lost digits",
        """The claimed formula agrees with the truth, but as computed in its dtype few digits are
        left: cancellation, saturation, or a small result of large terms. It is an error where the
        claim asks for digits.""",
        """The computed value is compared with the ball, relative to its component and to the norm
        of the gradient. Each line's own rounding times its influence on the result says which line
        to blame.""",
        """Rewrite the line named: expm1 and log1p near 0, logaddexp for log of sums, 1 - tanh(x)**2
        as sech, differences of squares as products. float64 only postpones it.""",
        """
        import numpy as np

        def dtanh(x):
            return 1 - np.tanh(x) ** 2            # no digit left at x = 20
        """,
        """
        import numpy as np

        def dtanh(x):
            return 1 / np.cosh(x) ** 2
        """,
    ),
    Rule(
        "overflow",
        Severity.WARNING,
        "an intermediate result overflows where the true result is finite",
        """Somewhere inside, a number leaves the range of the dtype, although the mathematical
        result is an ordinary number. The outcome is inf, nan, or a silent 0.""",
        """The code is run in its dtype at the overflow threshold of each primitive it uses, and the
        result is compared with the ball.""",
        """Subtract the maximum before exp, keep logarithms, or split by sign so that exp never sees
        a large positive argument.""",
        """
        import numpy as np

        def logsumexp(x):
            return np.log(np.sum(np.exp(x)))      # inf from x = 710 on
        """,
        """
        import numpy as np

        def logsumexp(x):
            top = np.max(x)
            return top + np.log(np.sum(np.exp(x - top)))
        """,
    ),
    Rule(
        "nan-value",
        Severity.WARNING,
        "the function itself is nan here",
        """The function has no value at a point of the domain it was claimed on: log of a negative
        number, 0/0, inf - inf. There is no derivative to compare with, so nothing is refuted.""",
        """The user's code returns nan at the witness; the reading in balls says whether the
        mathematics is undefined there or only the computation.""",
        """Narrow the domain if the function is not meant there; else guard the argument, not the
        result.""",
        """
        import numpy as np

        def entropy(p):
            return -np.sum(p * np.log(p))         # 0 * -inf at p = 0
        """,
        """
        import numpy as np

        def entropy(p):
            safe = np.where(p > 0, p, 1.0)
            return -np.sum(p * np.log(safe))
        """,
    ),
    Rule(
        "outside-rounding-budget",
        Severity.ERROR,
        "the computed value is further off than rounding can explain",
        """A faithful run of this formula in this dtype may differ from the truth by a certain
        amount: its rounding budget. The formula agrees with the truth, and the computed value is
        further away. Up to 8 budgets is a warning, more is an error.""",
        """The budget is derived, not tuned: each operation's result is widened by its dtype's
        rounding, sums by the bound for any order, library functions by their measured error. Beyond
        8 budgets the graph is no longer taken for the code; the finding is told only where every
        entry of its formula agrees with the truth at 256 bits. A part written in float32 belongs to
        the formula as written, and its budget is that of float32.""",
        """Look for a second way to compute the same number that plain arrays take and the formula
        does not show: a table, a polynomial, compiled code, a value kept from another call.""",
        """
        import numpy as np

        PLACES = np.linspace(-1, 1, 65537)
        TABLE = np.cos(PLACES)

        def gradient(w):
            if type(w) is np.ndarray:             # off by 1e-10 between two places
                return np.interp(w, PLACES, TABLE)
            return np.cos(w)
        """,
        """
        import numpy as np

        def gradient(w):
            return np.cos(w)
        """,
    ),
)
