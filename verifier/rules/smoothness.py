"""Rules about kinks, jumps and curvature that is not there."""

from __future__ import annotations

from ..verdicts import Severity
from .rule import Rule

SMOOTHNESS = (
    Rule(
        "kink",
        Severity.NOTE,
        "the function has a kink here: its slopes from two sides differ",
        """The function is continuous at the witness and has no derivative there. Where a claim
        promises C1 (or C2, and the second derivatives differ) this refutes it and is an error.""",
        """Each piecewise primitive has a guard, the quantity whose sign it switches on. At a zero
        of the guard the function is read as a power series along a ray on both sides; the
        coefficients differ as certified balls. Kinks that cancel (relu(x) - relu(-x)) are not
        reported.""",
        """If you need the derivative there, use a smooth function (softplus for relu,
        logaddexp for maximum, sqrt(x*x + eps*eps) for abs). If not, keep the point out of the
        domain you claim on.""",
        """
        import numpy as np

        def penalty(w):
            return np.sum(np.abs(w))
        """,
        """
        import numpy as np

        def penalty(w, eps=1e-3):
            return np.sum(np.sqrt(w * w + eps * eps) - eps)
        """,
    ),
    Rule(
        "jump",
        Severity.WARNING,
        "the function jumps here: its values from two sides differ",
        """The function is not continuous at the witness, so it has no derivative, and any statement
        by slopes (monotone, Lipschitz, convex) fails across it.""",
        """The constant terms of the germs on both sides of a guard's zero are disjoint balls.""",
        """Make the pieces meet at the boundary: their values must be equal where the condition
        changes. Rounding, floor and hard thresholds have no useful derivative at all.""",
        """
        import numpy as np

        def f(x):
            return np.where(x > 1, x * x, x + 0.5)        # 1 and 1.5 at x = 1
        """,
        """
        import numpy as np

        def f(x):
            return np.where(x > 1, x * x, 2 * x - 1)
        """,
    ),
    Rule(
        "infinite-slope",
        Severity.WARNING,
        "the slope is infinite here",
        """The function is finite at the witness and its slope grows without bound towards it, as
        sqrt does at 0 and a norm's square root does at the origin. Gradients there are inf or
        nan.""",
        """The germ along the ray has a leading exponent below one, or a logarithm; no ordinary
        Taylor series exists.""",
        """Keep the argument of the root away from 0 by a small constant, which then is part of the
        function; or work with the square instead.""",
        """
        import numpy as np

        def distance(x):
            return np.sum(np.sqrt(np.abs(x)))
        """,
        """
        import numpy as np

        def distance(x, eps=1e-6):
            return np.sum((x * x + eps * eps) ** 0.25)
        """,
    ),
    Rule(
        "flat-curvature",
        Severity.NOTE,
        "the second derivative is zero almost everywhere",
        """On every piece the function is affine in the arguments named, so its Hessian is zero
        wherever it exists. Newton's method divides by it; a second derivative as a feature or a
        penalty teaches nothing.""",
        """Affinity on every piece is read off the graph, for the arguments named only. Where it
        cannot be, the finding says at how many points the second derivative was zero.""",
        """Use a first-order method, or an activation that bends (softplus, tanh, gelu, silu) where
        the second derivative matters, as in networks for differential equations.""",
        """
        import numpy as np

        def net(x):
            return np.maximum(0.5 * x + 1, 0) - np.maximum(x, 0)
        """,
        """
        import numpy as np

        def net(x):
            return np.tanh(0.5 * x + 1) - np.tanh(x)
        """,
    ),
)
