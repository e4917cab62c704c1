"""Rules about a claimed derivative."""

from __future__ import annotations

from ..verdicts import Severity
from .rule import Rule

DERIVATIVES = (
    Rule(
        "wrong-derivative",
        Severity.ERROR,
        "the claimed derivative is not the derivative",
        """At the witness the claimed value and the true derivative are different numbers. This is
        no rounding: the two were enclosed in balls that do not touch.""",
        """The function and the claim are both lifted to a graph. The function's own slope graph is
        read in balls, which gives the truth; the claim's graph is read in balls too. Where the two
        enclosures are disjoint, also after every inexact constant was given 4 ulp of room, the
        claim is refuted. A claim that cannot be lifted is judged by its computed values, and only
        beyond 1,024 rounding budgets at several points.""",
        """Compare the line named with the true value at that component: look for a constant factor,
        a missing term, a transpose, a forgotten slope. Replay the witness after each change.""",
        """
        import numpy as np

        def loss(w, X, y):
            return np.mean((X @ w - y) ** 2)

        def gradient(w, X, y):
            return 2 * X.T @ (X @ w - y)          # len(y) times too large: the loss is a mean
        """,
        """
        import numpy as np

        def loss(w, X, y):
            return np.mean((X @ w - y) ** 2)

        def gradient(w, X, y):
            return 2 * X.T @ (X @ w - y) / len(y)
        """,
    ),
    Rule(
        "nan-derivative",
        Severity.ERROR,
        "the claimed derivative is nan or infinite where the derivative exists",
        """The function has a finite derivative at the witness, and the code that claims to compute
        it returns nan or an infinity there. One such component ruins a whole training step.""",
        """The user's own code is run at a point its dtype can represent, where the function is
        defined and the truth is a finite ball. A function that is itself nan there is `nan-value`
        and refutes nothing.""",
        """Keep the untaken branch harmless: np.where evaluates both sides, and 0 * inf is nan.
        Clip the argument before the dangerous function, not its result after it; use the spelling
        that does not overflow (expm1, log1p, logaddexp).""",
        """
        import numpy as np

        def dsigmoid(x):
            return np.exp(-x) / (1 + np.exp(-x)) ** 2     # inf / inf at x = -800
        """,
        """
        import numpy as np

        def dsigmoid(x):
            e = np.exp(-np.abs(x))
            return e / (1 + e) ** 2
        """,
    ),
    Rule(
        "one-sided-derivative",
        Severity.NOTE,
        "there is no derivative here; the claim returns an admissible choice",
        """The function has a kink at the witness. What the claim returns lies in the Clarke
        subdifferential (between the slopes of the pieces that meet), so descent methods may use
        it, but it is no derivative.""",
        """The slopes of both sides are read by germs: truncated power series along a ray, with ball
        coefficients. Membership is certified in the convex hull of the gradients of the pieces that
        touch the point.""",
        """Usually nothing: say in the docstring which side you mean. Do not run Newton's method, a
        line search that needs C1, or a finite-difference test across this point.""",
        """
        import numpy as np

        def relu(x):
            return np.maximum(x, 0)

        def drelu(x):
            return (x >= 0).astype(float)         # 1 at x = 0: the slope from the right
        """,
        """
        import numpy as np

        def softplus(x):
            return np.logaddexp(0, x)

        def dsoftplus(x):
            return np.exp(-np.logaddexp(0, -x))
        """,
    ),
    Rule(
        "not-a-subgradient",
        Severity.ERROR,
        "there is no derivative here, and the claim is not even a subgradient",
        """The function has a kink at the witness, and the claimed value lies outside everything
        that the slopes of the pieces around it could justify. An optimiser that follows it may go
        uphill.""",
        """An outer set is computed by reverse mode with each active slope replaced by the interval
        between its two sides. The claim is disjoint from it in a component or a direction.""",
        """Return the slope of one side, or something between the two. Where two masks overlap at a
        tie, both fire: make one comparison strict.""",
        """
        import numpy as np

        def leaky_relu(x):
            return np.maximum(x, 0.1 * x)

        def dleaky_relu(x):
            return (x >= 0) * 1.0 + (x <= 0) * 0.1        # 1.1 at x = 0: both masks fire
        """,
        """
        import numpy as np

        def leaky_relu(x):
            return np.maximum(x, 0.1 * x)

        def dleaky_relu(x):
            return (x >= 0) * 1.0 + (x < 0) * 0.1
        """,
    ),
    Rule(
        "truncated-constant",
        Severity.ERROR,
        "the claim uses a constant with too few digits",
        """The claim would be right if a constant in it were longer: 2.718 for e, 3.14 for pi,
        0.7978 for sqrt(2/pi). It keeps only as many digits as the constant has.""",
        """The difference between claim and truth is explained, at fresh points too, by replacing
        one constant of the claim's graph with the well-known number it abbreviates. It is an error,
        and a warning where more than half of the dtype's digits survive.""",
        """Write the constant in full, or better the function: np.exp(x), np.pi,
        np.sqrt(2 / np.pi).""",
        """
        import numpy as np

        e = 2.718

        def sigmoid(x):
            return 1 / (1 + np.exp(-x))

        def dsigmoid(x):
            return e ** -x / (1 + e ** -x) ** 2
        """,
        """
        import numpy as np

        def sigmoid(x):
            return 1 / (1 + np.exp(-x))

        def dsigmoid(x):
            return np.exp(-x) / (1 + np.exp(-x)) ** 2
        """,
    ),
    Rule(
        "asymmetric-hessian",
        Severity.ERROR,
        "the claimed Hessian is not symmetric",
        """Two mirrored entries of the claimed Hessian differ, where the function is twice
        continuously differentiable and they must be equal (Schwarz). At least one is wrong.""",
        """Both entries of the claim are read in balls; the balls are disjoint. The truth says which
        of the two is wrong.""",
        """Compute each mixed block once and transpose it for the other side, or mend the entry
        that differs from the ball.""",
        """
        import numpy as np

        def f(x):
            return x[0] ** 2 * x[1]

        def hessian(x):
            return np.array([[2 * x[1], 2 * x[0]], [x[0], 0.0]])
        """,
        """
        import numpy as np

        def f(x):
            return x[0] ** 2 * x[1]

        def hessian(x):
            return np.array([[2 * x[1], 2 * x[0]], [2 * x[0], 0.0]])
        """,
    ),
)
