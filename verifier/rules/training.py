"""Rules about the health of a network for training."""

from __future__ import annotations

from ..verdicts import Severity
from .rule import Rule

TRAINING = (
    Rule(
        "dead-unit",
        Severity.NOTE,
        "a unit is off at every input seen",
        """The unit's guard is strictly on its flat side at every point tried (or on the whole
        domain, where that is proved): its weights get no gradient and never change.""",
        """The guard's sign is read at every point, or enclosed over the domain.""",
        """Start with smaller biases, lower the learning rate, or use leaky relu, elu or gelu.""",
        """
        import numpy as np

        def unit(x, w=0.1, b=-50.0):
            return np.maximum(w * x + b, 0)       # on [-10, 10]
        """,
        """
        import numpy as np

        def unit(x, w=0.1, b=0.0):
            return np.maximum(w * x + b, 0)
        """,
    ),
    Rule(
        "saturated-unit",
        Severity.NOTE,
        "a unit's slope is negligible at every input seen",
        """The unit sits on the flat end of its activation: its slope is below the rounding of the
        dtype at every point tried, so changing its input changes nothing.""",
        """The slope is enclosed at every point and compared with the dtype's unit roundoff.""",
        """Scale the inputs, use a smaller initialisation, or normalise before the activation.""",
        """
        import numpy as np

        def unit(x, w=100.0):
            return np.tanh(w * x)                 # on [1, 2]
        """,
        """
        import numpy as np

        def unit(x, w=0.5):
            return np.tanh(w * x)
        """,
    ),
    Rule(
        "vanishing-gradient",
        Severity.NOTE,
        "a layer's gradient is negligible beside another's",
        """The gradient of one argument is smaller than that of another by more than the dtype can
        resolve in one update: the early layers do not learn.""",
        """Norms of the gradient's blocks, enclosed in balls at every point tried.""",
        """Use skip connections, normalisation, or an activation whose slope is not below 1/4
        everywhere, as the sigmoid's is.""",
        """
        import numpy as np

        def net(x, depth=30):
            for _ in range(depth):
                x = 1 / (1 + np.exp(-x))
            return x
        """,
        """
        import numpy as np

        def net(x, depth=30):
            for _ in range(depth):
                x = x + np.tanh(x) / depth
            return x
        """,
    ),
    Rule(
        "singular-hessian",
        Severity.NOTE,
        "the Hessian is singular: a Newton step is not defined",
        """Some direction has no curvature at the witness. Newton's method would divide by zero
        there, and the minimum, if any, is not unique to second order.""",
        """The Hessian is enclosed in balls; its rank or inertia is certified, or its structure (a
        zero row, a repeated unit, scaling between layers) is named.""",
        """Add damping (Levenberg-Marquardt) or a quadratic penalty, or fix the redundant
        parameter.""",
        """
        import numpy as np

        def loss(w, x=2.0, y=1.0):
            return (w[0] * x + w[1] * x - y) ** 2
        """,
        """
        import numpy as np

        def loss(w, x=2.0, y=1.0):
            return (w[0] * x + w[1] * x - y) ** 2 + 0.01 * np.sum(w**2)
        """,
    ),
)
