"""How is it said? Blocks, lines and nodes in the user's own names."""

from __future__ import annotations

import ast
from pathlib import Path

from ..graph.node import Node
from ..graph.order import topological
from ..readers.fault import Fault
from ..verdicts import Origin

LONGEST = 60  # characters of a quoted line
QUANTITY = {
    "derivative": "the derivative", "second_derivative": "the second derivative",
    "jacobian": "the Jacobian by {}", "hessian": "the Hessian by {}",
    "hessian_diagonal": "the Hessian's diagonal by {}",
    "hvp": "the Hessian-vector product by {}",
}


def listed(names: tuple[str, ...]) -> str:
    """Return "W1", "W1 and b1", or "W1, b1 and W2"."""
    if len(names) < 2:
        return "".join(names)
    return f"{', '.join(names[:-1])} and {names[-1]}"


def quantity(fault: Fault, labels: tuple[str, ...]) -> str:
    """Return what is claimed: "the gradient by W1 and b1"."""
    shown = labels if len(labels) <= 4 else (*labels[:3], f"{len(labels) - 3} others")
    names = listed(tuple(f"({k})" if "," in k else k for k in shown))
    return QUANTITY.get(fault.kind, "the gradient by {}").format(names)


def quoted(origin: Origin | None) -> str:
    """Return a line of the user's source: "`h = np.tanh(z)` (net.py:12)"."""
    if origin is None:
        return ""
    place = f"{Path(origin.file).name}:{origin.line}"
    text = " ".join(origin.text.split())
    if not text:
        return place
    if len(text) > LONGEST:
        text = f"{text[:LONGEST - 3]}..."
    return f"`{text}` ({place})"


def _target(origin: Origin | None) -> str | None:
    """Return the variable a line assigns, None where it assigns none or several."""
    if origin is None:
        return None
    try:
        (statement,) = ast.parse(origin.text.strip()).body
    except (SyntaxError, ValueError):
        return None
    if isinstance(statement, ast.Assign) and len(statement.targets) == 1 and not isinstance(
            statement.value, ast.Lambda):
        target = statement.targets[0]
        return ast.unparse(target) if isinstance(target, (ast.Name, ast.Attribute)) else None
    return None


def variable_of(node: Node, output: Node) -> str | None:
    """Return the user's name of a node's value: an input, a number, or the variable assigned.

    A node has its line's variable if nothing of the same line reads it.
    """
    if node.op == "input":
        return str(node.params["name"])
    if node.op == "constant" and node.shape == ():
        return f"{float(node.params['value']):g}"
    name = _target(node.origin)
    if name is None:
        return None
    readers = [n for n in topological([output]) if node in n.inputs]
    inside = any(r.origin is not None and node.origin is not None
                 and (r.origin.file, r.origin.line) == (node.origin.file, node.origin.line)
                 for r in readers)
    return None if inside else name


def called(node: Node, output: Node) -> str:
    """Return how a node is spoken of: "`var` (net.py:12)", or the line it stands in."""
    name = variable_of(node, output)
    if node.op == "input" or (name and node.origin is None):
        return str(name)
    if name and node.origin is not None:
        return f"{name} in {quoted(node.origin)}"
    return quoted(node.origin) or f"a '{node.op}' of the first derivative"
