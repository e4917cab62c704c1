"""`vf.verify(...)`: the same words as a specification, checked in this process."""

from __future__ import annotations

import linecache
import sys
import time
from collections.abc import Callable, Mapping
from inspect import Parameter
from pathlib import Path
from typing import Any, Unpack

import msgspec

from .answer import answered, failed, request, request_of_declared
from .certificate.asked import asked_in
from .checks.atlas import atlas as atlas_of
from .checks.request import Request
from .declared import declared_of, title
from .errors import BadSubject, VerifierError
from .readers.atlas import Atlas
from .renderers.as_text import problem_text
from .renderers.problems import problems
from .report import Report
from .resolve import Scope, resolve_callable
from .run import document
from .settings import SEED
from .verdicts import Check, Origin
from .words import Told, require_known, signature


def verify(subject: Callable[..., Any] | str, **told: Unpack[Told]) -> Report:
    """Verify what is claimed of `subject`, a callable or `"module:function"`.

    on          where: {"x": "[-1, 1]^(8x3)", "y": data}; boxes are varied, arrays are constant
    at          points: a list of dicts by name, tuples in order, or arrays
    wrt         the arguments differentiated by; default: those with a box, else the floats of `at`
    derivative, second_derivative, gradient, jacobian, hessian, hessian_diagonal, hvp, vjp,
    backward, value_and_gradient, grads, cache
                the claimed derivatives: callables, names, or "autodiff"
    claims      "convex in w", "C2 in x", "1-Lipschitz", "0 <= f <= 1", "12 digits", ...
    against     the same function written another way
    dtype, effort, budget (seconds, default 10), seed, allow, expect, name, opaque

    With the subject alone, the claims that `@vf.claim` made of it are checked. A word that does not
    exist raises BadSpec; whatever else is wrong (a missing module, an empty domain, a subject that
    raises) is an ERROR check of the report, with its place and remedy.
    """
    where, names = _caller()
    require_known(told, where, caller="vf.verify")
    return _report(subject, told, where, names)


def assert_verified(subject: Callable[..., Any] | str, **told: Unpack[Told]) -> Report:
    """Verify `subject` inside a test; the words are those of :func:`verify`.

    Raises AssertionError with the findings where the report does not hold, else returns it.

    >>> assert_verified(abs, at=[1.0], derivative=lambda x: 1.0).verdict.value
    'PASSED'
    """
    __tracebackhide__ = True
    where, names = _caller()
    require_known(told, where, caller="vf.assert_verified")
    report = _report(subject, told, where, names)
    if not report.holds:
        counts = [problem for problem in problems(report.document) if problem.fails]
        raise AssertionError("\n\n".join(problem_text(problem) for problem in counts))
    return report


def inspect(subject: Callable[..., Any] | str, **told: Unpack[Told]) -> Report:
    """Report the facts of `subject` without any claim; the words are those of :func:`verify`.

    Claims called smoothness, kinks, curvature, units and digits carry the facts as notes of their
    evidence; `kinks` carries the atlas of kinks along the domain as data.
    """
    where, names = _caller()
    require_known(told, where, caller="vf.inspect")
    return _report(subject, {**told, "inspect": True}, where, names)


def atlas(
    subject: Callable[..., Any] | str, begin: Any, end: Any, *,
    on: Mapping[str, Any] | None = None, dtype: str | None = None,
) -> Atlas:
    """Return every kink of `subject` along begin + t (end - begin), exactly where it can be.

    >>> [kink.t for kink in atlas(abs, -1.0, 2.0).kinks]
    ['1/3']
    """
    where, names = _caller()
    scope = Scope(root=Path.cwd(), names=names, where=where)
    function = resolve_callable(subject, scope) if isinstance(subject, str) else subject
    return atlas_of(function, begin, end, on=on, dtype=dtype)


def _report(subject: Any, told: Told, where: Origin, names: dict[str, Any]) -> Report:
    begun = time.monotonic()
    checks = _checks(subject, told, Scope(root=Path.cwd(), names=names, where=where))
    took = {check.name: round(time.monotonic() - begun, 3) for check in checks}
    return Report(document(checks, took, seed=told.get("seed", SEED)))


def _checks(subject: Any, told: Told, scope: Scope) -> list[Check]:
    name = told.get("name") or (subject if isinstance(subject, str) else title(subject))
    text = subject if isinstance(subject, str) else ""
    try:
        function = resolve_callable(subject, scope) if text else subject
        if not callable(function):
            message = f"vf.verify was given {type(function).__name__}, not a callable"
            raise BadSubject(message, slug="not-callable", where=scope.where)
        if not told and (declared := declared_of(function)):
            return [_answered(request_of_declared(each, {}), each.told) for each in declared]
        asked = request(function, told, scope, name=name, reference=text)
        return [_answered(asked, {**told, "subject": text})]
    except VerifierError as error:
        return [failed(name, text or name, error, scope.where)]


def _answered(asked: Request, words: Mapping[str, Any]) -> Check:
    """Return the check with what `verifier replay` needs to find its callables again."""
    return msgspec.structs.replace(answered(asked), asked=asked_in(asked, words))


_SIGNATURE = signature(Parameter("subject", Parameter.POSITIONAL_OR_KEYWORD))
for _function in (verify, assert_verified, inspect):
    _function.__signature__ = _SIGNATURE  # type: ignore[attr-defined]


def _caller() -> tuple[Origin, dict[str, Any]]:
    """Return where `verify` was called and the names visible there."""
    frame = sys._getframe(2)
    file, line = frame.f_code.co_filename, frame.f_lineno
    where = Origin(file, line, linecache.getline(file, line).strip())
    return where, {**frame.f_globals, **frame.f_locals}
