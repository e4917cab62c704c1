"""A report cannot be read, written or replayed."""

from __future__ import annotations

from .entry import Entry

REPORTS = (
    Entry(
        "cannot-read",
        "a file cannot be read",
        (
            "There is no such file, or the folder holds no report.",
            "You may not read it.",
        ),
        "Give the .json or the folder that `verifier run -o` wrote.",
        (
            "cannot read 'nowhere.json': No such file or directory. Give the .json that `verifier"
            " run -o` or report.save() wrote."
        ),
    ),
    Entry(
        "cannot-write",
        "a report cannot be written",
        (
            "A part of the path is a file, not a folder.",
            "You may not write there, or the disk is full.",
        ),
        (
            "Choose another place with -o. What was there before is untouched: a file is replaced"
            " only when the new one is complete."
        ),
        (
            "cannot write 'taken/r.html': File exists. A part of the path is a file, not a "
            "folder: choose another path."
        ),
    ),
    Entry(
        "not-a-report",
        "a file is no report, or no longer a whole one",
        (
            "Another JSON file was named.",
            "The report was cut or edited by hand.",
            "The code has changed since the report was made.",
        ),
        "Make the report again.",
        (
            "an array of shape (1,) needs 1 elements, the report holds 0. The file was cut or "
            "edited: make the report again."
        ),
    ),
    Entry(
        "newer-format",
        "a report was written by a newer verifier",
        (
            "The command is older than the one that made the report.",
        ),
        "Upgrade: pip install --upgrade verifier-nn.",
        (
            "r.json has format 99, this verifier reads formats up to 1. Upgrade: pip install "
            "--upgrade verifier-nn."
        ),
    ),
    Entry(
        "not-recorded",
        "the report does not say where the code is",
        (
            (
                "The function came from an interactive session, is a lambda, or is local to "
                "another function."
            ),
        ),
        "Put it in a module and check it by name; then make the report again.",
        (
            "the report does not say where net.py:f is defined. Functions of an interactive "
            "session, lambdas and local functions cannot be found again: put them in a module and"
            " check 'module:function'."
        ),
    ),
    Entry(
        "unknown-finding",
        "no finding has this id",
        (
            "The id belongs to another report.",
            "The letters given begin several ids.",
        ),
        "Copy the id from the finding; a few of its first letters will do where they are unique.",
        "no finding and no proof has the id 'zzzz'. The ids are: 80d212a719.",
    ),
    Entry(
        "unknown-format",
        "there is no such report format",
        (
            "The suffix of -o names none.",
        ),
        "Let the file end in .json, .html, .txt, .md, .sarif or .xml.",
        (
            "'r.docx': .docx names no report format. Let the file end in one of: .txt, .json, "
            ".html, .htm, .sarif, .xml, .md."
        ),
    ),
    Entry(
        "no-reason",
        "an entry of a baseline is incomplete",
        (
            "`verifier baseline` was given no --reason for findings that are new to the file.",
            "The file was edited by hand.",
        ),
        "Say why the finding is put up with: --reason \"...\".",
        (
            "wrong-derivative in net.py:f is not in b.toml: it needs a reason. Say why it is put "
            "up with: --reason 'known since 1.2, see issue 12'."
        ),
    ),
)
