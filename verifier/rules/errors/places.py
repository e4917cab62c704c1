"""A reference such as "module:function" leads nowhere, or the code it names cannot be imported."""

from __future__ import annotations

from .entry import Entry

PLACES = (
    Entry(
        "bad-reference",
        "a reference cannot be read",
        (
            (
                "The part after the colon is no name with selectors such as [0], ['key'] or "
                ".attribute."
            ),
            "A call has arguments that are no literals.",
        ),
        (
            "Write 'module:function', 'path/to/file.py:function', 'module:layer.forward' or "
            "'module:factory()'."
        ),
        (
            "'net.py:f[1 +]' cannot be read as a name with selectors. Write 'module:function' or "
            "'path/to/file.py:function'."
        ),
    ),
    Entry(
        "no-such-module",
        "a module cannot be found",
        (
            "The folder of the module is not on the path: add it to pythonpath in verifier.toml.",
            "The name is misspelt.",
            "The command runs in another environment than the one the module is installed in.",
        ),
        "Add pythonpath = ['src'], or name the file: 'src/net.py:loss'.",
        "no module named 'my_activatons'. Did you mean 'my_activations'?",
    ),
    Entry(
        "no-such-name",
        "a module or object does not have the name",
        (
            "The name is misspelt; the nearest one is named.",
            "The name is local to a function.",
        ),
        "Name something at the top level of the module, or an attribute of it.",
        "net.py has no attribute 'loss'.",
    ),
    Entry(
        "no-such-part",
        "what the function returns has no such part",
        (
            "A selector such as [1] or ['W1'] does not fit what is returned.",
        ),
        "Call the function once by hand and look at what it returns.",
        "f['loss']: what was returned, a dict, has no such part. It has 'cost'.",
    ),
    Entry(
        "not-callable",
        "a reference names something that cannot be called",
        (
            "The name is that of a number, an array or a module.",
            "A factory is called, with (), that is the function itself.",
        ),
        "Name a function, a method, or an object with __call__.",
        "net.py:f is an int, not a callable. Name a function, a method or an object with __call__.",
    ),
    Entry(
        "import-raised",
        "a module raises while it is imported",
        (
            "A package it needs is not installed in this environment.",
            "It reads a file that is not there from this folder.",
        ),
        "Import the module by hand in the same environment and mend what it says.",
        (
            "importing net.py raised ZeroDivisionError: division by zero. Nothing of it can be "
            "checked until it imports."
        ),
    ),
    Entry(
        "factory-raised",
        "a factory such as \"net:make()\" raises",
        (
            "It needs a file or an argument that is not there.",
        ),
        "Call it by hand; arguments must be literals.",
        "calling make() raised OSError: no weights.",
    ),
)
