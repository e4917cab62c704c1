"""Cholesky, eigenvalues, singular values: their derivatives against published formulas."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import verifier as vf
from tests.lifting import nodes_in
from verifier.frontends.from_numpy import lift
from verifier.numerals.balls import Balls, exact, precision
from verifier.readers.value import read
from verifier.verdicts import Verdict

random = np.random.default_rng(11)
N = 4
BASE = random.standard_normal((N, N))
SPD = BASE @ BASE.T + np.eye(N)
C = random.standard_normal((N, N))
TALL, WIDE = random.standard_normal((5, 3)), random.standard_normal((3, 5))
w = np.array([1.0, 2.0, -1.0, 0.5])


def lower(G: Any) -> Any:
    """LAPACK reads the lower triangle only: both halves of a symmetric slope fall on it."""
    return np.tril(2 * G) - np.diag(np.diag(G))


def cholesky(A: Any) -> Any:
    return np.sum(np.linalg.cholesky(A) * C)


def cholesky_slope(A: Any) -> Any:
    """Murray 2016, equations 9 and 10."""
    L = np.linalg.cholesky(A)
    P = np.tril(L.T @ np.tril(C))
    P = P - 0.5 * np.diag(np.diag(P))
    S = np.linalg.solve(L.T, P) @ np.linalg.inv(L)
    return lower((S + S.T) / 2)


def values(A: Any) -> Any:
    return np.sum(np.linalg.eigvalsh(A) * w)


def values_slope(A: Any) -> Any:
    _, V = np.linalg.eigh(A)
    return lower((V * w) @ V.T)


def vectors(A: Any) -> Any:
    e, V = np.linalg.eigh(A)
    return np.sum(V * C) + np.sum(e**2)


def vectors_slope(A: Any) -> Any:
    """Magnus 1985; Giles 2008, section 3.1."""
    e, V = np.linalg.eigh(A)
    F = (1 - np.eye(N)) / (e[None, :] - e[:, None] + np.eye(N))
    G = V @ (F * (V.T @ C)) @ V.T + (V * (2 * e)) @ V.T
    return lower((G + G.T) / 2)


def nuclear(M: Any) -> Any:
    return np.sum(np.linalg.svd(M, compute_uv=False))


def nuclear_slope(M: Any) -> Any:
    u, _, vh = np.linalg.svd(M, full_matrices=False)
    return u @ vh


CASES = [
    (cholesky, cholesky_slope, SPD), (values, values_slope, SPD), (vectors, vectors_slope, SPD),
    (nuclear, nuclear_slope, TALL), (nuclear, nuclear_slope, WIDE),
]


@pytest.mark.parametrize(("f", "df", "at"), CASES)
def test_gradients_of_the_literature_pass(
    f: Callable[..., Any], df: Callable[..., Any], at: np.ndarray
) -> None:
    claim = vf.verify(f, at=at, gradient=df).checks[0].claims[0]
    assert claim.verdict is Verdict.PASSED
    assert claim.road == "lifted"
    assert claim.evidence.agreed == at.size


@pytest.mark.parametrize(("f", "df", "at"), CASES)
def test_a_gradient_off_by_1e9_is_refuted(
    f: Callable[..., Any], df: Callable[..., Any], at: np.ndarray
) -> None:
    report = vf.verify(f, at=at, gradient=lambda *a: df(*a) * (1 + 1e-9))
    assert report.verdict is Verdict.REFUTED


def test_the_unsymmetric_gradient_is_wrong_for_code_that_reads_one_triangle() -> None:
    def both(A: Any) -> Any:
        _, V = np.linalg.eigh(A)
        return (V * w) @ V.T

    assert vf.verify(values, at=SPD, gradient=both).verdict is Verdict.REFUTED


def test_eigenvalues_are_enclosed() -> None:
    lifted = lift(lambda p: np.linalg.eigvalsh(p["A"]), {"A": np.array([[2.0, 1.0], [1.0, 2.0]])})
    (node,) = nodes_in(lifted.output)
    with precision(128):
        found = read([node], {"A": np.array([[2.0, 1.0], [1.0, 2.0]])}, Balls(128))[node]
    assert all(v.contains(true) and v.rad() < 1e-30
               for v, true in zip(found, (1, 3), strict=True))
    assert found[0] < found[1]


def test_equal_eigenvalues_have_values_but_no_slope() -> None:
    with precision(128):
        found = Balls(128).matrix("eigvalsh", (exact(np.eye(3)),))
        assert all(v.contains(1) for v in found)
        none = Balls(128).matrix("eigenvectors", (exact(np.eye(3)), exact(np.eye(3))))
    assert not any(v.is_finite() for v in none.ravel())
    report = vf.verify(values, at=np.eye(N), gradient=values_slope)
    assert report.verdict is Verdict.UNDECIDED
    assert "eigvalsh stands on its edge" in "\n".join(
        vf.inspect(values, at=np.eye(N)).checks[0].claims[0].evidence.notes)


def test_a_stack_is_refused_with_its_remedy() -> None:
    report = vf.verify(lambda A: np.sum(np.linalg.cholesky(A)), at=np.stack([SPD, SPD]),
                       gradient=lambda A: A)
    told = " ".join(report.checks[0].claims[0].not_checked)
    assert "np.linalg.cholesky of shape (2, 4, 4) is not lifted" in told
