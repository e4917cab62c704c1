"""What is asked: one subject, its claimed derivatives, its claims, and where."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ..verdicts import Origin


DERIVATIVES = (
    "derivative", "second_derivative", "gradient", "jacobian", "hessian", "hessian_diagonal",
    "hvp", "vjp", "backward", "value_and_gradient",
)


@dataclass(frozen=True, slots=True)
class Request:
    """One check as the user wrote it; names are resolved, nothing has been called yet.

    `function` is the subject; `derivatives` maps a kind of :data:`DERIVATIVES` to the claimed
    derivative (a callable). `on` maps argument names to domains or data, `at` lists points (see
    :func:`verifier.domains.points_from`). `grads` maps attributes of the subject's object to the
    attributes its backward sets, `cache` is the position of the cache in what forward returns.
    `budget` is in seconds, `allow` holds (rule, place, reason). `inspect` asks for the facts too.
    `question` and `answer` are the author's words, kept for the report. `shelves` keeps lifts by
    path while the check lasts.
    """

    name: str
    function: Callable[..., Any]
    subject: str = ""
    derivatives: Mapping[str, Any] = field(default_factory=dict)
    claims: tuple[str, ...] = ()
    on: Mapping[str, Any] = field(default_factory=dict)
    at: Any = None
    wrt: tuple[str, ...] | None = None
    grads: Mapping[str, str] = field(default_factory=dict)
    cache: int | None = None
    against: Callable[..., Any] | None = None
    dtype: str | None = None
    effort: str = "normal"
    budget: float = 10.0
    seed: int = 0
    allow: tuple[tuple[str, str, str], ...] = ()
    expect: tuple[str, ...] = ()
    opaque: bool = False
    inspect: bool = False
    origin: Origin | None = None
    question: str = ""
    answer: str = ""
    shelves: dict[Any, Any] = field(default_factory=dict, compare=False, repr=False)
