"""From words to a verdict: resolve what was told, decide it, and say whether it holds."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from .checks.decide import decide
from .checks.request import Request
from .declared import Declared, title
from .diagnosis import diagnose
from .errors import BadSpec, VerifierError
from .frontends.calling import origin_of
from .importing import one_line, place_of, sentence
from .resolve import Scope, is_reference, resolve, resolve_callable
from .settings import BUDGET_SECONDS, EFFORT, SEED
from .settle import allowances, relative, require_rules, settled
from .specification import CheckSpec
from .verdicts import Check, Origin, Verdict
from .words import DERIVATIVES, listed, seconds

AUTODIFF = "autodiff"


def request_of_spec(spec: CheckSpec) -> Request:
    """Return the request a TOML check makes; raise BadSubject where a reference leads nowhere."""
    scope = Scope(root=Path(spec.root), where=spec.where)
    subject = resolve_callable(spec.subject, scope)
    return request(subject, spec.told, scope, name=spec.name, reference=spec.subject)


def request_of_declared(declared: Declared, over: Mapping[str, Any]) -> Request:
    """Return the request that one use of `vf.claim` makes, with the words of `over` instead."""
    folder = Path(declared.where.file).resolve().parent
    scope = Scope(root=folder, names=declared.names, where=declared.where)
    return request(declared.subject, {**declared.told, **over}, scope, name=declared.name)


def request(
    subject: Any, told: Mapping[str, Any], scope: Scope, *, name: str, reference: str = ""
) -> Request:
    """Return the request for `subject` with every reference in `told` resolved.

    Raises BadSubject for references, BadSpec where nothing is claimed.
    """
    given = (word for word in DERIVATIVES if told.get(word) is not None)
    derivatives = {word: _derivative(told[word], scope) for word in given}
    claims, grads = listed(told.get("claims")), dict(told.get("grads") or {})
    if not (derivatives or claims or grads or told.get("inspect")):
        hint = f"Give claims or one of {', '.join(DERIVATIVES)}."
        message = f"{name} claims nothing"
        raise BadSpec(message, slug="nothing-claimed", hint=hint, where=scope.where)
    expect, allow = listed(told.get("expect")), allowances(told.get("allow") or (), scope.where)
    require_rules((*expect, *(rule for rule, _, _ in allow)), scope.where)
    return Request(
        name=name,
        function=subject,
        subject=reference or f"{getattr(subject, '__module__', '')}:{title(subject)}",
        derivatives=derivatives,
        claims=claims,
        on=_resolved(_places(told.get("on"), scope), scope),
        at=_resolved(told.get("at"), scope),
        wrt=listed(told.get("wrt")) or None,
        grads=grads,
        cache=told.get("cache"),
        against=_derivative(told.get("against"), scope),
        dtype=told.get("dtype"),
        effort=told.get("effort") or EFFORT,
        budget=seconds(told.get("budget") or BUDGET_SECONDS, scope.where),
        seed=SEED if told.get("seed") is None else told["seed"],
        allow=allow,
        expect=expect,
        opaque=bool(told.get("opaque")),
        inspect=bool(told.get("inspect")),
        origin=relative(origin_of(subject)),
        question=told.get("question") or "",
        answer=told.get("answer") or "",
    )


def answered(asked: Request) -> Check:
    """Return the settled check of a request; what the user can mend is an ERROR, not raised."""
    try:
        check = settled(decide(asked, diagnose), asked.expect, asked.allow)
        words = {"question": asked.question, "answer": asked.answer}
        return msgspec.structs.replace(check, **words)
    except VerifierError as error:
        check = failed(asked.name, asked.subject, error, asked.origin)
        return msgspec.structs.replace(check, expect=asked.expect, seed=asked.seed)


def failed(name: str, subject: str, error: BaseException, where: Origin | None = None) -> Check:
    """Return the ERROR check that tells `error`; its place, else `where`, is the check's origin."""
    if isinstance(error, VerifierError):
        place, message = error.where, sentence(error)
    else:
        place, message = place_of(error), f"raised {one_line(error)}"
    return Check(name, subject, Verdict.ERROR, (), place or where, error=message)


def _places(told: Any, scope: Scope) -> dict[str, Any]:
    if told is None or isinstance(told, Mapping):
        return dict(told or {})
    given = f"the text {told!r}" if isinstance(told, str) else type(told).__name__
    hint = 'Name each argument: on={"x": "[-1, 1]"}.'
    raise BadSpec(f"`on` is {given}, not a table", slug="bad-type", hint=hint, where=scope.where)


def _derivative(told: Any, scope: Scope) -> Any:
    if isinstance(told, str) and told != AUTODIFF:
        return resolve_callable(told, scope)
    if told is None or isinstance(told, str) or callable(told):
        return told
    message = f"a derivative is a callable or its name, not {type(told).__name__}"
    raise BadSpec(message, slug="not-callable", where=scope.where)


def _resolved(told: Any, scope: Scope) -> Any:
    """Return `told` with every string that is a reference replaced by what it names."""
    if isinstance(told, str):
        return resolve(told, scope) if is_reference(told) else told
    if isinstance(told, dict):
        return {key: _resolved(value, scope) for key, value in told.items()}
    if isinstance(told, list | tuple):
        return type(told)(_resolved(value, scope) for value in told)
    return told
