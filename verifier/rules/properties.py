"""Rules that refute a claimed property of the function."""

from __future__ import annotations

from ..verdicts import Severity
from .rule import Rule

PROPERTIES = (
    Rule(
        "not-convex",
        Severity.ERROR,
        "the function lies above one of its chords",
        """Between two points of the domain the function is larger than the straight line that
        joins its values there. It is not convex (for a claim of concavity: not concave).""",
        """The witness is two points x, y and a weight t with
        f(tx + (1-t)y) > t f(x) + (1-t) f(y). The point between is formed exactly and the gap is
        enclosed by a strictly positive ball, so rounding has no part in it.""",
        """Drop the claim, restrict the domain, or claim convexity in some arguments only: a loss is
        often convex in the last layer alone.""",
        """
        import numpy as np

        def swish(x):
            return x / (1 + np.exp(-x))           # claimed convex on [-6, 6]
        """,
        """
        import numpy as np

        def softplus(x):
            return np.logaddexp(0, x)
        """,
    ),
    Rule(
        "not-monotone",
        Severity.ERROR,
        "the function goes the other way between two points",
        """The function was claimed increasing (or decreasing), and the witness shows two points of
        the domain in order whose values are in the opposite order.""",
        """Both values are enclosed in balls that do not touch. The two points differ in the
        argument named only.""",
        """Restrict the domain to where the claim is meant, or constrain the weights (a monotone
        net needs non-negative ones).""",
        """
        import numpy as np

        def silu(x):
            return x / (1 + np.exp(-x))           # falls below x = -1.278...
        """,
        """
        import numpy as np

        def softplus(x):
            return np.logaddexp(0, x)
        """,
    ),
    Rule(
        "lipschitz-exceeded",
        Severity.ERROR,
        "two points are further apart in value than the claimed constant allows",
        """The witness is two points with |f(x) - f(y)| > L |x - y|, in the Euclidean norm unless
        the claim names another.""",
        """The difference of the values, the distance and the claimed constant are enclosed in
        balls; the inequality is strict.""",
        """Claim a larger constant, or divide each weight matrix by its spectral norm.""",
        """
        import numpy as np

        def f(x):
            return np.tanh(3 * x)                 # claimed 1-Lipschitz
        """,
        """
        import numpy as np

        def f(x):
            return np.tanh(3 * x) / 3
        """,
    ),
    Rule(
        "out-of-bounds",
        Severity.ERROR,
        "a value or slope leaves the claimed bounds",
        """At the witness the function (or its derivative, as claimed) is strictly outside the
        bounds that were written down.""",
        """The value is enclosed in a ball that lies wholly outside the bound.""",
        """Correct the bound, or clip where the bound must hold. The ball in the evidence says by
        how much it is missed.""",
        """
        import numpy as np

        def probability(x):
            return 0.5 + x / 4                    # claimed 0 <= f <= 1 on [-3, 3]
        """,
        """
        import numpy as np

        def probability(x):
            return np.clip(0.5 + x / 4, 0, 1)
        """,
    ),
)
