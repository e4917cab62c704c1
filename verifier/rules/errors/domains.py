"""The domain or the points of a check cannot be used."""

from __future__ import annotations

from .entry import Entry

DOMAINS = (
    Entry(
        "bad-domain",
        "a domain cannot be read",
        (
            "The text is no interval, no product of intervals and no grid.",
            "The argument is data: name it as \"module:X\", or give the array itself.",
        ),
        (
            "Write it like \"[-1, 1]\", \"(0, inf)\", \"[-1, 1]^(8x3)\" or \"{0..9}^(32)\"; "
            "docs/claims.md lists all forms."
        ),
        (
            "on x: cannot read '[0 ... 1]': '[0 ... 1]' at position 0. Write it like \"[-1, 1]\", "
            "\"(0, inf)\", \"[-1, 1]^(8x3)\", \"[0, 1] x [-2, 2]\" or \"{0..9}^(32)\"."
        ),
    ),
    Entry(
        "empty-domain",
        "a domain holds no number",
        (
            "The ends are in the wrong order.",
            "An end is left out by a round bracket: (1, 1] is empty.",
            "No number of the dtype lies between the two ends.",
        ),
        "Write the smaller end first; widen the interval, or choose a wider dtype.",
        "on x: the interval [1, 0] is reversed. Write the smaller end first.",
    ),
    Entry(
        "nan-domain",
        "an end of a domain is nan",
        (
            "The ends were computed and one came out as nan.",
        ),
        "Use -inf and inf where there is no bound.",
        "on x: nan is no end of an interval, in '[nan, 1]'. Use -oo and oo for no bound.",
    ),
    Entry(
        "large-domain",
        "a domain has too many elements",
        (
            "A whole data set is an argument that is searched.",
            "A shape was mistyped.",
        ),
        (
            "Verify a smaller instance of the same code: the derivative of a layer of 8 units is "
            "as wrong as that of one of 8,000."
        ),
        (
            "on x: 100000000 elements are too many, a domain has at most 1000000. Verify a "
            "smaller instance of the same code."
        ),
    ),
    Entry(
        "ragged-domain",
        "the parts of a domain do not fit together",
        (
            "Lower and upper ends have different shapes.",
            "Rows of a nested list have different lengths.",
        ),
        "Give two arrays of one shape, or a number and an array.",
        (
            "box(lo, hi): shapes (2,) and (3,) do not fit. Give two arrays of one shape, or a "
            "number and an array."
        ),
    ),
    Entry(
        "opaque-domain",
        "bounds are needed and the domain is a Hypothesis strategy",
        (
            "A claim about a whole region was made on a strategy, which can only be drawn from.",
        ),
        "Give a box such as \"[-1, 1]\".",
        (
            "a Hypothesis strategy has no ends. Give a box such as \"[-1, 1]\" where bounds are "
            "needed."
        ),
    ),
    Entry(
        "no-domain",
        "nothing says where to check",
        (
            "Neither `on` nor `at` is given, and what is claimed is no elementwise derivative.",
            "All arguments are given as numbers, so none is left to vary.",
        ),
        "Give on = { x = '[-1, 1]^(3)' }, or points in `at`.",
        (
            "neither `on` nor `at` says where to check. Give e.g. on={'x': '[-1, 1]^(3)'} or "
            "at={'x': array}; standard points exist for `derivative` and `second_derivative` "
            "only."
        ),
    ),
    Entry(
        "bad-point",
        "a point does not fit the function",
        (
            "An argument is misspelt.",
            "A tuple has more or fewer entries than the function has arguments.",
            "A text stands where a number belongs.",
        ),
        (
            "Give a dict by name, a tuple in the order of the arguments, or an array where there "
            "is one argument."
        ),
        "at[0]: no argument is called \"y\". The arguments are x.",
    ),
    Entry(
        "ragged-point",
        "rows of a point differ in length",
        (
            "A row of a nested list lacks an entry.",
        ),
        "Give every row the same number of entries.",
        (
            "at[0] x: the nested lists are ragged, rows differ in length. Every row needs the "
            "same number of entries."
        ),
    ),
    Entry(
        "no-point",
        "`at` is an empty list",
        (
            "The points were filtered and none was left.",
        ),
        "Give at least one point.",
        "`at` holds no point. Give at least one point.",
    ),
    Entry(
        "not-real",
        "a value is no array of real numbers",
        (
            "An input or the result is complex, a text or an object.",
            "The function returns a pair: name the part that is meant, as in \"net:loss[0]\".",
            "No argument holds floats, so there is nothing to differentiate by.",
        ),
        "Give and return floats or arrays of floats.",
        "the point of 'x' has dtype complex128. Give floats or arrays of floats.",
    ),
    Entry(
        "missing-argument",
        "an argument of the function has no value",
        (
            "The function takes data that the check does not give.",
        ),
        (
            "Give the argument a domain or data in `on`, a value in `at`, or a default in the "
            "function."
        ),
        "no value for the argument 'b'. Give each a domain in `on`, a value in `at`, or a default.",
    ),
    Entry(
        "unknown-argument",
        "the check names an argument that the function does not have",
        (
            "The name is misspelt.",
            "The function was changed, its check was not.",
        ),
        "Use the names of the signature.",
        "the function has no argument 'z'. It has x.",
    ),
)
