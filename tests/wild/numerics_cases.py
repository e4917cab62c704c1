"""Right on paper, hurt by floats: removable singularities, overflow, cancellation; and twins."""

import numpy as np

from .record import KINK_CANCELS, LOST_DIGITS, NAN, NO_DERIVATIVE, WRONG, Wild

TINY = np.finfo(np.float64).tiny


def sinc(x):
    return np.where(x == 0, 1.0, np.sin(x) / np.where(x == 0, 1.0, x))


def d_sinc_nan(x):
    return (x * np.cos(x) - np.sin(x)) / x**2


def d_sinc_safe(x):
    small = np.abs(x) < 1e-4
    s = np.where(small, 1.0, x)
    return np.where(small, -x / 3, (s * np.cos(s) - np.sin(s)) / s**2)


def d_sinc_zero_branch(x):
    s = np.where(x == 0, 1.0, x)
    return np.where(x == 0, 1.0, (s * np.cos(s) - np.sin(s)) / s**2)


def exprel(x):
    return np.where(x == 0, 1.0, np.expm1(x) / np.where(x == 0, 1.0, x))


def d_exprel_cancel(x):
    s = np.where(x == 0, 1.0, x)
    return np.where(x == 0, 0.5, (s * np.exp(s) - np.exp(s) + 1) / s**2)


def langevin(x):
    s = np.where(np.abs(x) < 1e-3, 1.0, x)
    return np.where(np.abs(x) < 1e-3, x / 3, 1 / np.tanh(s) - 1 / s)


def d_langevin(x):
    s = np.where(np.abs(x) < 1e-3, 1.0, x)
    return np.where(np.abs(x) < 1e-3, 1 / 3, 1 / s**2 - 1 / np.sinh(s) ** 2)


def masked_log(x):
    return np.where(x > 0, x * np.log(np.where(x > 0, x, 1.0)), 0.0)


def d_masked_log_times(x):
    with np.errstate(all="ignore"):
        return (x > 0) * (np.log(x) + 1)  # 0 * nan


def d_masked_log(x):
    out = np.zeros_like(x)
    pos = x > 0
    out[pos] = np.log(x[pos]) + 1
    return out


def abs_ratio(x):
    return np.abs(x)


def d_abs_ratio(x):
    return x / np.abs(x)


def d_abs_tiny(x):
    return x / np.maximum(np.abs(x), TINY)


def root_square(x):
    return np.sqrt(x**2 + 1e-300)


def d_root_square(x):
    return x / np.sqrt(x**2 + 1e-300)


def sqrt_plain(x):
    return np.sqrt(x)


def d_sqrt_plain(x):
    return 0.5 / np.sqrt(x)


def one_minus_cos(x):
    return 1 - np.cos(x)


def log1p_far(x):
    return np.log(1 + x)


def logistic32(x):
    return 1 / (1 + np.exp(-x))


def d_logistic32(x):
    e = np.exp(x)
    return e / (1 + e) ** 2


def power_general(x):
    return x**3


def d_power_general(x):
    return 3 * np.exp(2 * np.log(np.abs(x)))


def d_power_log(x):
    return x**3 * 3 / x


def entropy(x):
    return -x * np.log(x) - (1 - x) * np.log(1 - x)


def d_entropy(x):
    return np.log((1 - x) / x)


def d_entropy_eps(x, eps=1e-3):
    return np.log((1 - x + eps) / (x + eps))


def square_of_relu_difference(x):
    return np.abs(x) * x


def d_square_of_relu_difference(x):
    return np.abs(x) + x * np.sign(x) + (x == 0) * 1.0


def max_pair(x):
    return np.maximum(x, 0) + np.minimum(x, 0)


def d_max_pair(x):
    return (x > 0).astype(float) + (x < 0).astype(float)


def d_max_pair_right(x):
    return np.where(x >= 0, 1.0, 0.0) + np.where(x < 0, 1.0, 0.0)


def degrees(x):
    return np.sin(x * np.pi / 180)


def d_degrees_short(x):
    return np.cos(x * 3.1416 / 180) * 3.1416 / 180


def d_degrees(x):
    return np.deg2rad(1.0) * np.cos(np.radians(x))


def gauss_density(x):
    return np.exp(-0.5 * x**2) / np.sqrt(2 * np.pi)


def d_gauss_density_short(x):
    return -x * 0.3989 * np.exp(-0.5 * x**2)


def d_gauss_density(x):
    return -x * 0.3989422804014327 * np.exp(-0.5 * x**2)


def hypot_like(x):
    return np.sqrt(1 + x * x)


def d_hypot_overflow(x):
    return x / np.sqrt(1 + x**2)


def floor_part(x):
    return x - np.floor(x)


def fold(x):
    return np.abs(((x + 1) % 2) - 1)


def d_fold(x):
    return np.sign(((x + 1) % 2) - 1)


def cube_root(x):
    return np.cbrt(x)


def d_cube_root(x):
    return 1 / (3 * np.cbrt(x) ** 2)


CASES: tuple[Wild, ...] = (
    Wild("sinc_nan", sinc, d_sinc_nan, (0.0,), NAN),
    Wild("sinc_safe", sinc, d_sinc_safe, (1e-3, 0.5, 0.0, -4.0)),
    Wild("sinc_zero", sinc, d_sinc_zero_branch, (0.0,), WRONG),
    Wild("exprel_cancel", exprel, d_exprel_cancel, (1e-9, 1e-8), LOST_DIGITS, blind=False),
    Wild("langevin", langevin, d_langevin, (0.5, -3.0, 0.0)),
    Wild("masked_log_nan", masked_log, d_masked_log_times, (-1.0, -3.0), NAN),
    Wild("masked_log", masked_log, d_masked_log, (0.5, 3.0, -2.0)),
    Wild("abs_ratio", abs_ratio, d_abs_ratio, (0.0,), NO_DERIVATIVE, accept=(NAN,)),
    Wild("abs_tiny", abs_ratio, d_abs_tiny, (0.5, -3.0, 1e-200)),
    Wild("root_square", root_square, d_root_square, (0.5, -3.0, 1e-150, 0.0)),
    Wild(
        "sqrt_zero", sqrt_plain, d_sqrt_plain, (0.0,), NO_DERIVATIVE, box="[0, 10]", accept=(NAN,)
    ),
    Wild("sqrt_inside", sqrt_plain, d_sqrt_plain, (1e-300, 2.0), box="(0, 10]"),
    Wild("one_minus_cos", one_minus_cos, np.sin, (1e-9, 0.0, 3.0)),
    Wild("log1p_far", log1p_far, lambda x: 1 / (1 + x), (1e-18, 3.0), box="[0, 10]"),
    Wild(
        "logistic32",
        logistic32,
        d_logistic32,
        (89.0, 100.0),
        NAN,
        box="[-120, 120]",
        dtype="float32",
    ),
    Wild("power_general", power_general, d_power_general, (0.5, -3.0)),
    Wild("power_log", power_general, d_power_log, (0.0,), NAN),
    Wild("entropy", entropy, d_entropy, (0.5, 1e-12, 0.999), box="[0.01, 0.99]"),
    Wild("entropy_eps", entropy, d_entropy_eps, (0.1, 0.7), WRONG, box="[0.01, 0.99]"),
    Wild(
        "x_abs_x_extra",
        square_of_relu_difference,
        d_square_of_relu_difference,
        (0.0,),
        KINK_CANCELS,
        accept=(WRONG,),
    ),
    Wild("max_min_zero", max_pair, d_max_pair, (0.0,), KINK_CANCELS, accept=(WRONG,)),
    Wild("max_min_right", max_pair, d_max_pair_right, (0.0, 1.0, -2.0)),
    Wild(
        "degrees_pi",
        degrees,
        d_degrees_short,
        (30.0, -100.0),
        LOST_DIGITS,
        box="[-180, 180]",
        accept=(WRONG,),
    ),
    Wild("degrees", degrees, d_degrees, (30.0, -100.0), box="[-180, 180]"),
    Wild(
        "density_short",
        gauss_density,
        d_gauss_density_short,
        (0.5, -2.0),
        LOST_DIGITS,
        accept=(WRONG,),
    ),
    Wild("density_long", gauss_density, d_gauss_density, (0.5, -2.0)),
    Wild(
        "hypot_far",
        hypot_like,
        d_hypot_overflow,
        (1e200,),
        WRONG,
        box="[-1e300, 1e300]",
        accept=(LOST_DIGITS, NAN),
    ),
    Wild("sawtooth", floor_part, np.ones_like, (2.0, -1.0), NO_DERIVATIVE),
    Wild("fold_kink", fold, d_fold, (0.0, 1.0), NO_DERIVATIVE),
    Wild("fold_inside", fold, d_fold, (0.5, -2.7, 4.2)),
    Wild("cube_root_zero", cube_root, d_cube_root, (0.0,), NO_DERIVATIVE, accept=(NAN,)),
)
