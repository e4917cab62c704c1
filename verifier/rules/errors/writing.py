"""What is written in verifier.toml, in `vf.verify` or after the command cannot be understood."""

from __future__ import annotations

from .entry import Entry

WRITING = (
    Entry(
        "unknown-key",
        "a word of the specification does not exist",
        (
            "A word is misspelt; the nearest one is named.",
            "A word of another tool is used: there is no tolerance to set, for example.",
            "A key of a check stands above its [check.NAME], or the other way round.",
        ),
        "Write one of the words listed. docs/verifier_toml.md explains each of them.",
        (
            "unknown key 'tolerence' in [check.a]. The keys are: subject, formula, derivative, "
            "second_derivative, gradient, jacobian, hessian, hessian_diagonal, hvp, vjp, "
            "backward, value_and_gradient, grads, cache, claims, on, at, wrt, against, opaque, "
            "inspect, dtype, effort, budget, seed, allow, expect, question, answer."
        ),
    ),
    Entry(
        "bad-type",
        "a value has the wrong type",
        (
            "A number stands in quotation marks, or a text without them.",
            "A list is given where one value belongs.",
        ),
        (
            "Write the type the message expects; `verifier schema config` gives the types of all "
            "words."
        ),
        "check.a.seed: expected a whole number, got a string.",
    ),
    Entry(
        "bad-toml",
        "the file is no TOML",
        (
            "A bracket or a quotation mark is not closed.",
            "A key occurs twice in one table.",
            "A string with a backslash is written with double quotation marks: use single ones.",
        ),
        "Mend the line named.",
        "not TOML: Expected ']' at the end of a table declaration (at line 1, column 9).",
    ),
    Entry(
        "no-subject",
        "a check does not say what is checked",
        (
            "subject is missing, or stands in another table.",
        ),
        "Add subject = 'module:function' to the check.",
        "[check.a] has no subject. Add subject = 'module:function'.",
    ),
    Entry(
        "nothing-claimed",
        "nothing is claimed of the function",
        (
            "The check names a subject and no derivative, no claims, and does not ask for inspect.",
            "A function decorated with vf.claim is given no words.",
        ),
        (
            "Give a derivative (derivative, gradient, hessian ...), claims, or inspect = true for"
            " the facts alone."
        ),
        (
            "[check.a] claims nothing. Give claims or one of derivative, second_derivative, "
            "gradient, jacobian, hessian, hessian_diagonal, hvp, vjp, backward, "
            "value_and_gradient, or inspect = true."
        ),
    ),
    Entry(
        "unknown-effort",
        "there is no such effort",
        (
            "The word is misspelt.",
        ),
        "Write quick, normal or thorough.",
        "unknown effort 'thorouh'. Did you mean 'thorough'?",
    ),
    Entry(
        "bad-budget",
        "a budget is no time",
        (
            "A unit is unknown: ms, s, m and h are.",
            "The number is zero, negative or not finite.",
        ),
        "Write seconds, as in 10 or '60s'.",
        "budget 'soon' is no time. Write seconds, as in 10 or '60s'; '2m' is two minutes.",
    ),
    Entry(
        "unknown-rule",
        "there is no such rule",
        (
            "The rule is misspelt; the nearest one is named.",
            "A claim (\"convex\") was written where a rule (\"not-convex\") belongs.",
        ),
        "Write a rule of docs/rules; `verifier explain RULE` shows its page.",
        "unknown rule 'kinks'. Did you mean 'kink'?",
    ),
    Entry(
        "bad-allow",
        "an allowance is incomplete",
        (
            "The reason is missing. An allowance without a reason is not accepted.",
            "The comment in the source has no dash between the rule and the reason.",
        ),
        (
            "Write {rule = 'overflow', place = 'net.py:12', reason = 'why it is no fault'}, or in"
            " the source `# verifier: allow overflow - why it is no fault`."
        ),
        (
            "allow entry {'rule': 'kink'} is not a rule, a place and a reason. Write {rule = "
            "'overflow', place = 'net.py:12', reason = 'why it is no fault'}."
        ),
    ),
    Entry(
        "unknown-claim",
        "a claim is not in the language of claims",
        (
            "The claim is misspelt; the nearest one is named.",
            "Python is written where a claim belongs.",
        ),
        "docs/claims.md lists every form a claim may take.",
        "unknown claim \"convecs in x\". Did you mean \"convex in x\"?",
    ),
    Entry(
        "bad-claim",
        "a claim is understood and makes no sense",
        (
            "The bounds of an inequality are in the wrong order.",
            "A constant is negative that cannot be, or a fraction divides by zero.",
        ),
        "Correct the number named in the message.",
        "claim \"2 <= f <= 1\": no number lies between 2 and 1. Swap the two bounds.",
    ),
    Entry(
        "unknown-kind",
        "a path given to `verifier run` is nothing it can read",
        (
            "A file of another kind was named.",
        ),
        "Name a folder, a .toml file, or a .py file whose functions are decorated with vf.claim.",
        "'net.txt' is neither a folder nor a .toml or .py file. Name one of these.",
    ),
    Entry(
        "no-such-file",
        "a file or folder does not exist",
        (
            "The name is misspelt; a near one in the same folder is named.",
            "The command runs in another folder than the path is relative to.",
        ),
        "Correct the path. In verifier.toml, paths are relative to the file itself.",
        "no file or folder 'nowhere.toml'. Name a folder, a .toml or a .py file.",
    ),
    Entry(
        "no-git",
        "`verifier run --changed` does not learn from git what has changed",
        (
            "The folder is in no git repository, or git is not installed.",
            "The commit to compare with was not fetched, as in a shallow clone.",
        ),
        "Run without --changed, or fetch the commit.",
        (
            "--changed: git knows no commit 'v0', which PRE_COMMIT_FROM_REF names. Fetch it, or "
            "unset the variable."
        ),
    ),
    Entry(
        "unknown-severity",
        "there is no such severity",
        (
            "The word is misspelt.",
        ),
        "Write error, warning or note.",
        "unknown severity 'fatal'. fail-on takes one of: error, warning, note.",
    ),
)
