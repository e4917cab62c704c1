"""`verifier lint`: is the specification well written? Files are read, nothing of them is run.

Tables, claims, domains and selectors are held against the grammar, the names of functions and of
their arguments against the text of the project's files. What only running could tell (a decorator,
a star import, an installed library) is passed over.
"""

from __future__ import annotations

import ast
import importlib.util
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec

from .claims import parse
from .domains import looks_like_domain, parse_domain
from .errors import BadSpec
from .importing import shown
from .nearest import did_you_mean
from .project_sources import Reader, is_module, module_files, references, search_folders
from .resolve import is_reference
from .specification import CheckSpec
from .verdicts import Origin
from .words import DERIVATIVES, WORDS, listed

_CLAIM = ("claim", "vf.claim", "verifier.claim")


@dataclass
class Linter:
    """The mistakes found so far, in order."""

    reader: Reader = field(default_factory=Reader)
    found: list[str] = field(default_factory=list)
    names: dict[Path, set[str]] = field(default_factory=dict)

    def table(self, spec: CheckSpec) -> None:
        """Read one check of a configuration."""
        if spec.error:
            self.found.append(f"{spec.where}: {spec.error}" if spec.where else spec.error)
            return
        self._words(spec.told, spec.where)
        functions = [self._function(text, spec) for text in references(spec)]
        if functions and functions[0] is not None:
            self._arguments(functions[0], spec)

    def file(self, spec: CheckSpec) -> None:
        """Read the claims of a Python file."""
        path = Path(spec.subject)
        try:
            tree = ast.parse(path.read_bytes(), str(path))
        except (OSError, ValueError, SyntaxError) as error:
            line = getattr(error, "lineno", None) or 1
            told = f"cannot be read as Python: {getattr(error, 'msg', error)}"
            self._add(told, "import-raised", Origin(shown(str(path)), line))
            return
        names = set(_names_of(tree))
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and ast.unparse(node.func) in _CLAIM:
                self._claim(node, names, spec, shown(str(path)))

    def _claim(self, node: ast.Call, names: set[str], spec: CheckSpec, file: str) -> None:
        where, told = Origin(file, node.lineno), {}
        for keyword in node.keywords:
            if keyword.arg and keyword.arg not in WORDS:
                hint = did_you_mean(keyword.arg, WORDS)
                self._add(f"vf.claim does not know {keyword.arg!r}", "unknown-key", where, hint)
            try:
                told[keyword.arg or ""] = ast.literal_eval(keyword.value)
            except (ValueError, TypeError, SyntaxError, RecursionError):
                continue
        self._words(told, where)
        for word in DERIVATIVES:
            text = told.get(word)
            if not isinstance(text, str) or text == "autodiff":
                continue
            if is_reference(text):
                self._function(text, msgspec.structs.replace(spec, where=where))
            elif "*" not in names and (first := _first_name(text)) and first not in names:
                hint = did_you_mean(first, names)
                self._add(f"{word}: no {first!r} in {file}", "no-such-name", where, hint)

    def _words(self, told: dict[str, Any], where: Origin | None) -> None:
        claims = told.get("claims")
        for text in listed(claims) if isinstance(claims, str | list | tuple) else ():
            self._try(lambda text=text: parse(str(text)), where)
        on = told.get("on")
        for name, value in on.items() if isinstance(on, dict) else ():
            if looks_like_domain(value):
                self._try(lambda v=value, n=name: parse_domain(v, name=n), where)
            elif isinstance(value, str) and not is_reference(value):
                told_of = f"on {name}: {value!r} is neither a domain nor a reference"
                self._add(told_of, "bad-domain", where, "Write '[-1, 1]' or 'module:DATA'.")

    def _function(self, reference: str, spec: CheckSpec) -> ast.FunctionDef | None:
        """Return what a reference names where it is a plain function of the project's."""
        place, _, expression = reference.partition(":")
        if not expression:
            return None
        files = list(self.reader.named(reference, spec))
        if not files or not files[-1].is_file():
            self._missing(place, reference, spec)
            return None
        tree, name = self.reader.tree(files[-1]), _first_name(expression)
        if tree is None or name is None:
            return None
        known = self._names(files[-1], tree)
        if name not in known and not {"*", "__getattr__"} & known:
            inside = files[-1].parent / name  # a module of the package
            if not (files[-1].stem == "__init__" and is_module(inside)):
                hint = did_you_mean(name, known)
                message = f"{reference}: no {name!r} in {shown(str(files[-1]))}"
                self._add(message, "no-such-name", spec.where, hint)
        found = [n for n in tree.body if isinstance(n, ast.FunctionDef) and n.name == name]
        return found[-1] if found and expression.strip() == name else None

    def _names(self, file: Path, tree: ast.Module) -> set[str]:
        if file not in self.names:
            self.names[file] = set(_names_of(tree))
        return self.names[file]

    def _missing(self, place: str, reference: str, spec: CheckSpec) -> None:
        if not place.endswith(".py"):
            top = place.partition(".")[0]
            if any(module_files(top, search_folders(spec))) or _installed(top):
                return
        folders = ", ".join(shown(str(folder)) for folder in search_folders(spec))
        hint = f"Looked in {folders}; add to pythonpath."
        kind = "file" if place.endswith(".py") else "module named"
        self._add(f"{reference}: no {kind} {place!r}", "no-such-module", spec.where, hint)

    def _arguments(self, function: ast.FunctionDef, spec: CheckSpec) -> None:
        """Hold the arguments that are named against those the subject has."""
        names = [a.arg for a in (*function.args.posonlyargs, *function.args.args,
                                 *function.args.kwonlyargs)]  # fmt: skip
        if function.args.vararg or function.args.kwarg or function.decorator_list:
            return
        on = spec.told.get("on")
        for name in (*(on if isinstance(on, dict) else ()), *listed(spec.told.get("wrt"))):
            if str(name).partition(".")[0].partition("[")[0] not in names:
                hint = did_you_mean(str(name), names, otherwise=f"It has: {', '.join(names)}.")
                message = f"{spec.subject} has no argument {name!r}"
                self._add(message, "unknown-argument", spec.where, hint)

    def _try(self, act: Any, where: Origin | None) -> None:
        try:
            act()
        except BadSpec as error:
            self._add(error.message, error.slug, where, error.hint)

    def _add(self, message: str, slug: str, where: Origin | None, hint: str = "") -> None:
        self.found.append(str(BadSpec(message, slug=slug, where=where, hint=hint)))


def mistakes(specs: Iterable[CheckSpec]) -> list[str]:
    """Return what is wrong in checks and in files of claims, each with its place and remedy."""
    linter = Linter()
    for spec in specs:
        (linter.table if spec.position is None else linter.file)(spec)
    return linter.found


def _installed(name: str) -> bool:
    try:
        return importlib.util.find_spec(name) is not None
    except (ImportError, ValueError):
        return False


def _first_name(expression: str) -> str | None:
    """Return the name an expression of a reference starts with: `loss` of `loss[1]['W1']`."""
    try:
        node: ast.AST = ast.parse(expression, mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    while isinstance(node, ast.Attribute | ast.Subscript | ast.Call):
        node = node.func if isinstance(node, ast.Call) else node.value
    return node.id if isinstance(node, ast.Name) else None


def _names_of(tree: ast.Module) -> Iterator[str]:
    """Yield the names a module may have, "*" where it imports those of another."""
    waiting: list[ast.AST] = list(tree.body)
    while waiting:
        node = waiting.pop()
        match node:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(
                name=name
            ):
                yield name
            case ast.Import(names=aliases) | ast.ImportFrom(names=aliases):
                yield from (alias.asname or alias.name.partition(".")[0] for alias in aliases)
            case ast.Name(id=name, ctx=ast.Store()):
                yield name
            case ast.Call(func=ast.Name(id="globals" | "exec" | "setattr" | "vars")):
                yield "*"
            case ast.Lambda():
                pass
            case _:
                waiting += ast.iter_child_nodes(node)
