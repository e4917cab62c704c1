"""scipy.special: the lift reproduces scipy, and its slopes are those mpmath finds."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import mpmath
import numpy as np
import pytest

import verifier as vf
from verifier.frontends.from_numpy import lift
from verifier.numerals.balls import Balls, plain, precision
from verifier.readers.slope import slope
from verifier.readers.value import read

from .lifting import agree

special = pytest.importorskip("scipy.special")
stats = pytest.importorskip("scipy.stats")
mp = mpmath.MPContext()
mp.dps = 40
X = np.array([0.3, 0.9, 1.7, 4.2])
Y = np.array([0.35, 1.4, 0.8, 3.1])
root = mp.sqrt

# name: (run, in mpmath, wrt of X alone)
ONE: dict[str, tuple[Callable[..., Any], Callable[..., Any]]] = {
    "loggamma": (special.loggamma, mp.loggamma),
    "rgamma": (special.rgamma, mp.rgamma),
    "ndtri": (lambda x: special.ndtri(x / 5), lambda x: root(2) * mp.erfinv(2 * x / 5 - 1)),
    "exprel": (special.exprel, lambda x: mp.expm1(x) / x),
    "exprel_below": (lambda x: special.exprel(-x), lambda x: -mp.expm1(-x) / x),
    "boxcox": (lambda x: special.boxcox(x, 0.3), lambda x: (x ** mp.mpf(0.3) - 1) / mp.mpf(0.3)),
    "boxcox_log": (lambda x: special.boxcox(x, 0.0), mp.log),
    "boxcox_power": (lambda x: special.boxcox(1.5, x), lambda x: (mp.mpf(1.5) ** x - 1) / x),
    "boxcox1p": (lambda x: special.boxcox1p(x, 2.0), lambda x: ((1 + x) ** 2 - 1) / 2),
    "inv_boxcox": (lambda x: special.inv_boxcox(x, 2.0), lambda x: root(1 + 2 * x)),
    "i0e": (special.i0e, lambda x: mp.exp(-x) * mp.besseli(0, x)),
    "i1e": (special.i1e, lambda x: mp.exp(-x) * mp.besseli(1, x)),
    "ive": (lambda x: special.ive(2, x), lambda x: mp.exp(-x) * mp.besseli(2, x)),
    "erfcx": (special.erfcx, lambda x: mp.exp(x * x) * mp.erfc(x)),
    "erfcinv": (lambda x: special.erfcinv(x / 5), lambda x: mp.erfinv(1 - x / 5)),
    "cosm1": (special.cosm1, lambda x: mp.cos(x) - 1),
    "exp10": (special.exp10, lambda x: mp.mpf(10) ** x),
    "sindg": (special.sindg, lambda x: mp.sin(x * mp.pi / 180)),
    "norm_pdf": (lambda x: stats.norm.pdf(x, 0.5, 1.5), lambda x: mp.npdf(x, 0.5, 1.5)),
    "norm_logpdf": (lambda x: stats.norm.logpdf(x), lambda x: mp.log(mp.npdf(x))),
    "norm_cdf": (lambda x: stats.norm.cdf(x, loc=0.5), lambda x: mp.ncdf(x, 0.5)),
    "norm_frozen": (lambda x: stats.norm(0.5, 1.5).cdf(x), lambda x: mp.ncdf(x, 0.5, 1.5)),
    "norm_logcdf": (lambda x: stats.norm.logcdf(x), lambda x: mp.log(mp.ncdf(x))),
    "norm_sf": (lambda x: stats.norm.sf(x), lambda x: mp.ncdf(-x)),
    "norm_ppf": (
        lambda x: stats.norm.ppf(x / 5, 1.0, 2.0),
        lambda x: 1 + 2 * root(2) * mp.erfinv(2 * x / 5 - 1),
    ),
    "gammainc": (lambda x: special.gammainc(2.5, x), lambda x: mp.gammainc(2.5, 0, x, True)),
    "gammaincc": (lambda x: special.gammaincc(2.5, x), lambda x: mp.gammainc(2.5, x, mp.inf, True)),
    "chdtr": (lambda x: special.chdtr(3, x), lambda x: mp.gammainc(1.5, 0, x / 2, True)),
    "chdtrc": (lambda x: special.chdtrc(3, x), lambda x: mp.gammainc(1.5, x / 2, mp.inf, True)),
    "gdtr": (lambda x: special.gdtr(2.0, 3.0, x), lambda x: mp.gammainc(3, 0, 2 * x, True)),
    "betainc": (
        lambda x: special.betainc(2.0, 1.5, x / 5), lambda x: mp.betainc(2, 1.5, 0, x / 5, True),
    ),
    "fdtr": (
        lambda x: special.fdtr(3.0, 5.0, x),
        lambda x: mp.betainc(1.5, 2.5, 0, 3 * x / (3 * x + 5), True),
    ),
    "expi": (special.expi, mp.ei),
    "exp1": (special.exp1, mp.e1),
    "multigammaln": (
        lambda x: special.multigammaln(x + 2, 3),
        lambda x: mp.log(mp.pi) * 3 / 2 + sum(mp.loggamma(x + 2 - mp.mpf(k) / 2) for k in range(3)),
    ),
}
TWO: dict[str, tuple[Callable[..., Any], Callable[..., Any]]] = {
    "betaln": (special.betaln, lambda a, b: mp.log(mp.beta(a, b))),
    "beta": (special.beta, mp.beta),
    "beta_below": (lambda a, b: special.beta(a - 5, b), lambda a, b: mp.beta(a - 5, b)),
    "poch": (special.poch, mp.rf),
    "binom": (special.binom, mp.binomial),
    "kl_div": (special.kl_div, lambda x, y: x * mp.log(x / y) - x + y),
    "rel_entr": (special.rel_entr, lambda x, y: x * mp.log(x / y)),
    "huber": (special.huber, lambda d, r: r * r / 2 if abs(r) <= d else d * (abs(r) - d / 2)),
    "pseudo_huber": (special.pseudo_huber, lambda d, r: d * d * (root(1 + (r / d) ** 2) - 1)),
    "powm1": (special.powm1, lambda x, y: x**y - 1),
}


def slopes(run: Callable[[dict[str, Any]], Any], point: dict[str, np.ndarray]) -> list[np.ndarray]:
    """Return the slopes of the sum of `run` at `point`, as floats."""
    lifted = lift(run, point)
    grown = slope(lifted.output, list(lifted.inputs.values()))
    with precision(128):
        reading = read(grown, point, Balls(128))
    return [np.vectorize(lambda v: float(v.mid()))(plain(reading.values[g])) for g in grown]


@pytest.mark.parametrize("name", ONE)
def test_one_argument(name: str) -> None:
    run, exact = ONE[name]
    agree(lambda p: run(p["x"]), {"x": X}, {"x": Y})
    (found,) = slopes(lambda p: run(p["x"]), {"x": X})
    wanted = [float(mp.diff(exact, mp.mpf(x))) for x in X]
    np.testing.assert_allclose(found, wanted, rtol=1e-12)


@pytest.mark.parametrize("name", TWO)
def test_two_arguments(name: str) -> None:
    run, exact = TWO[name]
    agree(lambda p: run(p["x"], p["y"]), {"x": X, "y": Y}, {"x": X + 0.01, "y": Y + 0.02})
    found = slopes(lambda p: run(p["x"], p["y"]), {"x": X, "y": Y})
    for place, order in enumerate(((1, 0), (0, 1))):
        wanted = [float(mp.diff(exact, (mp.mpf(x), mp.mpf(y)), order))
                  for x, y in zip(X, Y, strict=True)]
        np.testing.assert_allclose(found[place], wanted, rtol=1e-12)


def test_exprel_is_analytic_at_zero() -> None:
    (found,) = slopes(lambda p: special.exprel(p["x"]), {"x": np.array([0.0, 1e-300])})
    np.testing.assert_array_equal(found, [0.5, 0.5])


def test_the_box_cox_power_may_vanish() -> None:
    (found,) = slopes(lambda p: special.boxcox(2.0, p["x"]), {"x": np.array([0.0])})
    np.testing.assert_allclose(found, [np.log(2.0) ** 2 / 2], rtol=1e-15)


def test_a_claimed_number_may_be_rounded_as_any_constant() -> None:
    def verdict(number: float) -> object:
        report = vf.verify(lambda a: special.boxcox(2.0, a), at={"a": 0.0},
                           derivative=lambda a: number)
        return report.checks[0].claims[0].verdict

    assert verdict(np.log(2.0) ** 2 / 2) == "PASSED"  # 0.66 ulp away
    assert verdict(np.log(2.0) ** 2 / 2 * (1 + 1e-13)) == "REFUTED"


def test_a_wrong_slope_of_scipy_is_refuted() -> None:
    def f(x: Any) -> Any:
        return special.erfcx(x)

    right = vf.verify(f, on={"x": "[0, 3]"},
                      derivative=lambda x: 2 * x * special.erfcx(x) - 2 / np.sqrt(np.pi))
    wrong = vf.verify(f, on={"x": "[0, 3]"},
                      derivative=lambda x: 2 * x * special.erfcx(x) - 1 / np.sqrt(np.pi))
    assert [c.claims[0].verdict for r in (right, wrong) for c in r.checks] == ["PASSED", "REFUTED"]
    assert right.checks[0].claims[0].road == "lifted"
