"""The user's code cannot be run, or cannot be written as a graph."""

from __future__ import annotations

from .entry import Entry

RUNNING = (
    Entry(
        "not-separable",
        "the derivative claimed is one that a function of this kind does not have",
        (
            "`gradient` is claimed of a function that returns an array: a layer, not a loss.",
            (
                "`derivative` is claimed of a function whose entries depend on each other, as "
                "those of a softmax, a norm or a running sum do."
            ),
        ),
        (
            "Claim `jacobian`, or `vjp` for a backward pass; or return one number. An array is "
            "taken where each entry of an argument moves one entry of it, as in losses of single "
            "examples."
        ),
        (
            "`derivative` is of a function that works entry by entry; this one returns shape "
            "(3,), and x[0] moves f[0], f[1] and 1 more. Claim `jacobian` or `vjp`, or name one "
            "number of the value."
        ),
    ),
    Entry(
        "subject-raised",
        "the function raises where it is checked",
        (
            "The domain holds points the function is not meant for.",
            (
                "The shape is not what the function expects: \"[-1, 1]^(8x3)\" makes an array of 8 "
                "rows."
            ),
        ),
        (
            "Call the function by hand at the point of the message; narrow the domain or give its"
            " shape."
        ),
        (
            "'tests.provocations:raises' raises IndexError: invalid index to scalar variable. "
            "Call it by hand at this point; check shapes and the domain in `on`."
        ),
    ),
    Entry(
        "returns-none",
        "the function returns None",
        (
            "It ends without `return`.",
            "It writes its result into an argument.",
        ),
        "Return the result.",
        "'tests.provocations:none' returns None. Does it end without `return`?",
    ),
    Entry(
        "wrong-shape",
        "what the claim returns has the wrong shape",
        (
            "A gradient was not summed over the axes that were broadcast.",
            "An array (n, 1) is returned for (n,), or the other way round.",
            "One array is returned for several arguments.",
        ),
        "Return one array for each argument differentiated by, each of the shape of its argument.",
        (
            "the claim returns shape (3, 1) for 'x', expected (3,). Shapes are compared exactly "
            "and never broadcast."
        ),
    ),
    Entry(
        "not-a-method",
        "`backward` is claimed of something that is no method",
        (
            "The forward is a plain function: its cache must be named with `cache`.",
        ),
        (
            "Name the method of an object, as layer.forward, or give cache = 1 where the forward "
            "returns (out, cache)."
        ),
        (
            "'f' is not a method of an object. `backward` without `cache` and `grads` need a "
            "method such as layer.forward."
        ),
    ),
    Entry(
        "worker-died",
        "the process that ran a check ended or was stopped",
        (
            "The code does not return within the budget and five seconds more.",
            (
                "The code ends the process (os._exit, a crash in compiled code) or needs more "
                "memory than there is."
            ),
        ),
        (
            "Run the function by itself on the same input; give it more time with --budget where "
            "it is only slow."
        ),
        (
            "net:f ended its process with exit code 9 (os._exit, or a library that aborts). Run "
            "the function by itself on the same input to see it end."
        ),
    ),
    Entry(
        "replaced-library",
        "the code that is checked replaced a function of numpy",
        (
            "The code, or what it imports, assigns to a name of numpy or math, as a patch does.",
        ),
        (
            "Give the replacement a name of its own. What verifier would have computed with the "
            "replaced function is no evidence, so the check is an ERROR."
        ),
        (
            "the subject's code replaced numpy.multiply, which verifier computes with. Restore it "
            "before returning, or take a copy of your own."
        ),
    ),
    Entry(
        "dtype-not-supported",
        "an array cannot be written to a report",
        (
            "Its numbers have more than 64 bits, or are objects.",
        ),
        "Use float16, bfloat16, float32, float64, complex, integers or booleans.",
        (
            "an array of dtype complex256 cannot be written to a report. Use a floating, complex,"
            " integer or boolean dtype of at most 64 bits a number."
        ),
    ),
    Entry(
        "not-lifted",
        "a function cannot be written as a graph of known operations",
        (
            "It calls compiled code or a numpy function the front end does not know.",
            "It computes with complex numbers, or goes through text.",
        ),
        (
            "Write the line with the functions listed below, or claim with opaque = true: it is "
            "then judged by its computed values, and never better than PASSED."
        ),
        (
            "np.fft is not known to the lift (ufunc 'fft' not supported for the input types, and "
            "the inputs could not be safely coerced to any supported types according to the "
            "casting rule ''safe''). Write it with the functions that `verifier explain "
            "not-lifted` lists, or claim with opaque=True to test by sampling."
        ),
    ),
    Entry(
        "left-the-trace",
        "a value that depends on the inputs went into compiled code as a plain array",
        (
            "It is assigned into a buffer made outside the function.",
            "It is handed to a library that is not numpy.",
        ),
        (
            "Make buffers inside the function with np.zeros or np.empty; else claim with opaque ="
            " true."
        ),
        (
            "a value that depends on the inputs is handed to compiled code as a plain array. "
            "Assign into buffers made inside the function by np.zeros or np.empty, and use numpy "
            "functions; or claim with opaque=True to test by sampling."
        ),
    ),
    Entry(
        "data-dependent-branch",
        "the program takes another branch elsewhere on the segment",
        (
            "The code says `if x > 0` of a value that moves.",
        ),
        "Write np.where(x > 0, ..., ...), so that both branches are in the graph.",
        "the program takes another branch along the segment.",
    ),
    Entry(
        "not-covered",
        "an operation has no row, or the feature is not there yet",
        (
            "The operation is known to the front end and not to this question.",
            "A formula was given in verifier.toml, which this version does not read.",
        ),
        "Write it in operations the table has, or claim with opaque = true.",
        (
            "no row for the operation 'teapot'. Write it in operations the table has, or claim "
            "with opaque=True."
        ),
    ),
    Entry(
        "not-rational",
        "the function is not piecewise linear, so its kinks are not found in rationals",
        (
            "It contains a smooth operation such as tanh, or multiplies two things that move.",
        ),
        "Nothing: the kinks are isolated in balls instead, and the report says so.",
        "'tanh' is not piecewise linear.",
    ),
    Entry(
        "undecided",
        "an enclosure was asked for a truth value it does not have",
        (
            "A comparison of two quantities is too close to call at the precision in use.",
        ),
        "Nothing: the engine raises the precision, and says UNDECIDED where that does not help.",
        "an undecided comparison was asked for a truth value.",
    ),
    Entry(
        "no-germ",
        "the function cannot be expanded along a ray at this point",
        (
            "It has a pole there, or grows like no power of the distance.",
        ),
        "Keep the point out of the domain, or claim nothing about slopes there.",
        "the value has a pole beside this point.",
    ),
    Entry(
        "internal",
        "the graph and numpy disagree about a shape",
        (
            "It is a fault of verifier.",
        ),
        "Claim with opaque = true for now, and please report it.",
        (
            "the graph of this operation has shape (), numpy computed (3,). Claim with "
            "opaque=True, and report this as a fault of verifier."
        ),
    ),
)
