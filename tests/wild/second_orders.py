"""Second derivatives: Hessians, their diagonals (boosting objectives), elementwise f''."""

import numpy as np
from scipy.special import expit

from .record import NAN, NO_DERIVATIVE, WRONG, Wild

Y = np.array([1.0, 0.0, 1.0])
A = np.array([[2.0, 0.5, -0.3], [0.5, 1.5, 0.2], [-0.3, 0.2, 3.0]])


def logistic(z):
    return np.sum(np.log1p(np.exp(z)) - Y * z)


def h_logistic(z):
    p = expit(z)
    return p * (1 - p)


def h_logistic_floor(z):
    p = expit(z)
    return np.maximum(p * (1 - p), 1e-3)  # "for stability": wrong in the tails


def weighted_logistic(z, alpha=3.0):
    p = 1 / (1 + np.exp(-z))
    return -np.sum(alpha * Y * np.log(p) + (1 - Y) * np.log(1 - p))


def h_weighted_logistic(z, alpha=3.0):
    p = 1 / (1 + np.exp(-z))
    return p * (1 - p) * (alpha + 1) / 2


def h_weighted_logistic_right(z, alpha=3.0):
    p = 1 / (1 + np.exp(-z))
    return p * (1 - p) * (alpha * Y + 1 - Y)


def log_cosh(z):
    r = z - Y
    return np.sum(np.log(np.cosh(r)))


def h_log_cosh(z):
    return 1 / np.cosh(z - Y) ** 2


def h_log_cosh_wrong(z):
    return 1 - np.tanh(z - Y)


def pseudo_huber(z, d=2.0):
    return np.sum(d**2 * (np.sqrt(1 + ((z - Y) / d) ** 2) - 1))


def h_pseudo_huber(z, d=2.0):
    scale = 1 + ((z - Y) / d) ** 2
    return 1 / scale / np.sqrt(scale)


def h_pseudo_huber_wrong(z, d=2.0):
    scale = 1 + ((z - Y) / d) ** 2
    return 1 / np.sqrt(scale)


def rmsle(z):
    return 0.5 * np.sum((np.log1p(z) - np.log1p(Y)) ** 2)


def h_rmsle(z):
    return (-np.log1p(z) + np.log1p(Y) + 1) / np.power(z + 1, 2)


def h_rmsle_wrong(z):
    return (np.log1p(z) - np.log1p(Y) + 1) / np.power(z + 1, 2)


def focal(z, gamma=2.0):
    p = expit(z)
    return -np.sum(Y * (1 - p) ** gamma * np.log(p) + (1 - Y) * p**gamma * np.log(1 - p))


def h_focal(z, gamma=2.0):
    eta1 = expit(z) * (1 - expit(z))
    eta2 = Y + (1 - 2 * Y) * expit(z)
    eta3 = expit(z) + Y - 1
    eta4 = 1 - Y - (1 - 2 * Y) * expit(z)
    return (
        eta1
        * (
            gamma * (eta2**gamma + gamma * (1 - 2 * Y) * eta3 * eta2 ** (gamma - 1)) * np.log(eta4)
            - gamma * (1 - 2 * Y) * eta3 * eta2**gamma / eta4
        )
        + (gamma + 1) * eta1 * eta2**gamma
    )


def softmax_loss(z):
    e = np.exp(z - z.max())
    return np.log(e.sum()) + z.max() - z[1]


def hess_softmax(z):
    p = np.exp(z - z.max())
    p = p / p.sum()
    return np.diag(p) - np.outer(p, p)


def hess_softmax_diagonal_only(z):
    p = np.exp(z - z.max())
    p = p / p.sum()
    return np.diag(p * (1 - p))


def h_softmax_doubled(z):
    p = np.exp(z - z.max())
    p = p / p.sum()
    return 2.0 * p * (1.0 - p)  # the factor 2 of xgboost's multi-class objective


def quadratic(x):
    return 0.5 * x @ A @ x + np.sum(x**4) / 12


def hess_quadratic(x):
    return A + np.diag(x**2)


def hess_quadratic_lower(x):
    return np.tril(A) + np.diag(x**2)


def rosenbrock(x):
    return np.sum(100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2)


def hess_rosenbrock(x):
    h = np.diag(-400 * x[:-1], 1) - np.diag(400 * x[:-1], -1)
    diagonal = np.zeros_like(x)
    diagonal[0] = 1200 * x[0] ** 2 - 400 * x[1] + 2
    diagonal[-1] = 200
    diagonal[1:-1] = 202 + 1200 * x[1:-1] ** 2 - 400 * x[2:]
    return h + np.diag(diagonal)


def hess_rosenbrock_wrong(x):
    h = np.diag(-400 * x[:-1], 1) - np.diag(400 * x[:-1], -1)
    diagonal = np.full_like(x, 200.0)
    diagonal[:-1] = 202 + 1200 * x[:-1] ** 2 - 400 * x[1:]
    diagonal[0] = 1200 * x[0] ** 2 - 400 * x[1] + 2
    diagonal[1] -= 2
    return h + np.diag(diagonal)


def norm(x):
    return np.sqrt(x @ x)


def hess_norm(x):
    n = np.linalg.norm(x)
    return np.eye(len(x)) / n - np.outer(x, x) / n**3


def hess_norm_wrong(x):
    n = np.linalg.norm(x)
    return (np.eye(len(x)) - np.outer(x, x)) / n


def silu(x):
    return x * expit(x)


def dd_silu(x):
    s = expit(x)
    return s * (1 - s) * (2 + x * (1 - 2 * s))


def dd_silu_wrong(x):
    s = expit(x)
    return s * (1 - s) * (1 + x * (1 - 2 * s))


def softplus(x):
    return np.logaddexp(0, x)


def dd_softplus_overflow(x):
    e = np.exp(x)
    return e / (1 + e) ** 2


def elu(x):
    return np.where(x > 0, x, np.expm1(x))


def dd_elu(x):
    return np.where(x > 0, 0.0, np.exp(x))


def cubic_abs(x):
    return np.abs(x) ** 3


def dd_cubic_abs(x):
    return 6 * np.abs(x)


def dd_cubic_abs_sign(x):
    return 6 * x


def tanh_prime(x):
    return np.tanh(x)


def dd_tanh(x):
    t = np.tanh(x)
    return -2 * t * (1 - t**2)


def dd_tanh_wrong(x):
    t = np.tanh(x)
    return -2 * t * (1 - t)


def gauss(x):
    return np.exp(-(x**2) / 2)


def dd_gauss(x):
    return (x**2 - 1) * np.exp(-(x**2) / 2)


POINTS = ([0.3, -0.8, 1.4], [-2.0, 0.1, 0.6])
POSITIVE = ([0.3, 0.8, 1.4], [2.0, 0.1, 5.0])
H, D, E = "hessian", "hessian_diagonal", "second_derivative"

CASES: tuple[Wild, ...] = (
    Wild("logistic_diagonal", logistic, h_logistic, POINTS, claim=D),
    Wild(
        "logistic_floor", logistic, h_logistic_floor, ([9.0, -12.0, 10.0],), WRONG, D, "[-20, 20]"
    ),
    Wild("weighted_logistic", weighted_logistic, h_weighted_logistic, POINTS, WRONG, D),
    Wild("weighted_logistic_ok", weighted_logistic, h_weighted_logistic_right, POINTS, claim=D),
    Wild("log_cosh_h", log_cosh, h_log_cosh, POINTS, claim=D),
    Wild("log_cosh_square", log_cosh, h_log_cosh_wrong, POINTS, WRONG, D),
    Wild("pseudo_huber_h", pseudo_huber, h_pseudo_huber, POINTS, claim=D),
    Wild("pseudo_huber_power", pseudo_huber, h_pseudo_huber_wrong, POINTS, WRONG, D),
    Wild("rmsle_h", rmsle, h_rmsle, POSITIVE, claim=D, box="(0, 10]"),
    Wild("rmsle_sign", rmsle, h_rmsle_wrong, POSITIVE, WRONG, D, "(0, 10]"),
    Wild("focal_h", focal, h_focal, POINTS, claim=D),
    Wild("softmax_h", softmax_loss, hess_softmax, POINTS, claim=H),
    Wild("softmax_off_diagonal", softmax_loss, hess_softmax_diagonal_only, POINTS, WRONG, H),
    Wild("softmax_doubled", softmax_loss, h_softmax_doubled, POINTS, WRONG, D),
    Wild("quadratic_h", quadratic, hess_quadratic, POINTS, claim=H),
    Wild("quadratic_lower", quadratic, hess_quadratic_lower, POINTS, WRONG, H),
    Wild("rosenbrock_h", rosenbrock, hess_rosenbrock, POINTS, claim=H),
    Wild("rosenbrock_second", rosenbrock, hess_rosenbrock_wrong, POINTS, WRONG, H),
    Wild("norm_h", norm, hess_norm, POINTS, claim=H),
    Wild("norm_h_unit", norm, hess_norm_wrong, POINTS, WRONG, H),
    Wild("silu_dd", silu, dd_silu, (0.0, 0.5, -3.0), claim=E),
    Wild("silu_dd_one", silu, dd_silu_wrong, (0.0, 0.5, -3.0), WRONG, E),
    Wild("softplus_dd", softplus, dd_softplus_overflow, (400.0, 800.0), NAN, E, "[-1000, 1000]"),
    Wild("elu_dd_zero", elu, dd_elu, (0.0,), NO_DERIVATIVE, E),
    Wild("cubic_abs_dd", cubic_abs, dd_cubic_abs, (0.0, 0.5, -2.0), claim=E),
    Wild("cubic_abs_sign", cubic_abs, dd_cubic_abs_sign, (-0.5, -2.0), WRONG, E),
    Wild("tanh_dd", tanh_prime, dd_tanh, (0.0, 0.5, -2.0, 15.0), claim=E),
    Wild("tanh_dd_square", tanh_prime, dd_tanh_wrong, (0.5, -2.0), WRONG, E),
    Wild("gauss_dd", gauss, dd_gauss, (0.0, 1.0, -2.0, 30.0), claim=E),
)
