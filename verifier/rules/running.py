"""Rules about how code behaves when it is run, and about what was left unchecked."""

from __future__ import annotations

from ..verdicts import Severity
from .rule import Rule

RUNNING = (
    Rule(
        "wrong-shape",
        Severity.ERROR,
        "the claimed derivative has the wrong shape",
        """A gradient has the shape of its argument, a Jacobian the shape of the output followed by
        that of the argument. What came back has another one. Broadcasting would hide it: (n,) minus
        (n, 1) is (n, n).""",
        """Shapes are compared exactly. A Hessian may be (n, n) in C order or shape + shape; outputs
        of size one count as scalars.""",
        """Return one array per argument of `wrt`, in signature order, each of its argument's shape;
        reduce over the axes the forward broadcast along.""",
        """
        import numpy as np

        def gradient_of_bias(delta, b):
            return delta                          # (batch, n), b is (n,)
        """,
        """
        import numpy as np

        def gradient_of_bias(delta, b):
            return delta.sum(axis=0)
        """,
    ),
    Rule(
        "claim-raised",
        Severity.ERROR,
        "the claimed derivative raised an exception",
        """The function runs at the witness, the code that claims its derivative does not.""",
        """The user's code is called with copies of the witness; the exception and its line are
        shown.""",
        """Mend the line named. Call the claim once by hand with the witness to see the whole
        traceback.""",
        """
        import numpy as np

        def gradient(w, X):
            return X @ (X @ w)                    # (m, n) @ (m,): raises unless m == n
        """,
        """
        import numpy as np

        def gradient(w, X):
            return X.T @ (X @ w)
        """,
    ),
    Rule(
        "not-deterministic",
        Severity.WARNING,
        "the same input gives two answers",
        """The code returned different results when it was run twice on equal copies of one input.
        No derivative can be compared with a moving target.""",
        """Every tested point is run twice on fresh copies and compared bit for bit.""",
        """Take the random numbers (a dropout mask, a noise vector) as an argument, or seed a
        generator of your own inside.""",
        """
        import numpy as np

        def forward(x):
            return x * (np.random.rand(*x.shape) > 0.5)
        """,
        """
        import numpy as np

        def forward(x, mask):
            return x * mask
        """,
    ),
    Rule(
        "mutated-input",
        Severity.WARNING,
        "the code changes its own input",
        """After the call an argument holds other numbers than before. Whoever calls it next, a
        finite-difference test included, works on different data.""",
        """Every call gets copies, and they are compared with the originals afterwards.""",
        """Write `x = x - 1`, not `x -= 1`, or copy first.""",
        """
        import numpy as np

        def softmax(x):
            x -= x.max()
            return np.exp(x) / np.exp(x).sum()
        """,
        """
        import numpy as np

        def softmax(x):
            e = np.exp(x - x.max())
            return e / e.sum()
        """,
    ),
    Rule(
        "not-covered",
        Severity.WARNING,
        "part of the claim could not be checked",
        """The function or the claimed derivative could not be written as a graph: an operation that
        is not known, a number made through text, a run that its graph does not reproduce. It is
        judged by its computed values alone, by sampling, and never proved. Or the claim has no
        check yet, and is UNDECIDED. Neither is quietly green.""",
        """The place and the reason are those of the step that stopped; what was left out stands
        under "not checked", too. A subject declared opaque is not told of again.""",
        """Write the operation named with numpy functions, or narrow the claim. If sampling is
        enough, declare the subject opaque.""",
        """
        import numpy as np

        def f(x):
            return np.array([float(str(v)) ** 2 for v in x])      # through text: cannot be lifted
        """,
        """
        import numpy as np

        def f(x):
            return np.asarray(x) ** 2
        """,
    ),
    Rule(
        "front-ends-disagree",
        Severity.ERROR,
        "two versions of the function are not the same function",
        """The function was given twice (`against=`), through two front ends, and the two differ at
        the witness by more than both their rounding budgets.""",
        """Both graphs are to be read in balls at the same points. This version does not do it yet:
        a check with `against` is UNDECIDED.""",
        """Compare defaults: an axis, an epsilon, a mean against a sum, a weight stored
        transposed.""",
        """
        import numpy as np

        def mine(x):
            return np.std(x, ddof=1)

        def theirs(x):
            return np.sqrt(np.mean((x - np.mean(x)) ** 2))
        """,
        """
        import numpy as np

        def mine(x):
            return np.std(x)

        def theirs(x):
            return np.sqrt(np.mean((x - np.mean(x)) ** 2))
        """,
    ),
    Rule(
        "internal-disagreement",
        Severity.ERROR,
        "two oracles of the engine contradict each other",
        """The slope graph in balls and the high-precision differences of the same function differ,
        and went on differing at twice the precision. One of them is wrong, and it is ours: this
        check says nothing about your code, and the command exits with 3.""",
        """At points where one certified sign pattern holds and two step sizes at two precisions
        agree, mpmath's differences must fall into the slope's ball. The row of the table that is
        suspected is named.""",
        """Please report it with the JSON report: the witness in it is enough to find the fault. The
        other checks are not affected.""",
        """
        import numpy as np

        def f(x):
            return np.tanh(x)                     # if the table's row for tanh had a wrong slope
        """,
        """
        import numpy as np

        def f(x):
            return np.tanh(x)                     # nothing to mend on your side
        """,
    ),
    Rule(
        "internal-error",
        Severity.ERROR,
        "verifier itself failed on this claim",
        """A part of verifier raised an exception that none of its parts expects. The claim was
        not decided, nothing is said about your code, and the command exits with 3. The other
        claims of the check are not affected.""",
        """Every claim is answered on its own. An exception out of verifier's own code makes this
        claim an ERROR, with the file and the line; one out of the function or of the claimed
        derivative is not taken for it.""",
        """Please report it, with the function and the claim. `VERIFIER_DEBUG=1` shows the
        traceback. `opaque = true` often goes round it.""",
        """
        import numpy as np

        def f(x):
            return np.tanh(x)                     # if verifier stumbled over it
        """,
        """
        import numpy as np

        def f(x):
            return np.tanh(x)                     # nothing to mend on your side
        """,
    ),
    Rule(
        "stale-baseline",
        Severity.ERROR,
        "a known finding no longer occurs",
        """The baseline says that a finding is known and put up with, and the check it names did not
        find it. While the entry stands, the same fault could come back unseen.""",
        """The entries of `--baseline FILE` are looked up by id among the findings of this run. A
        check that stopped short, or that was not run, makes no entry stale.""",
        """Take the entry out of the file, or write the file anew with `verifier baseline REPORT -o
        FILE`: the other entries keep their reasons.""",
        """
        def f(x):
            return x * x

        def df(x):        # baseline.toml still knows of a wrong derivative here
            return 2 * x
        """,
        """
        def f(x):
            return x * x

        def df(x):        # its entry is gone from baseline.toml
            return 2 * x
        """,
    ),
)
