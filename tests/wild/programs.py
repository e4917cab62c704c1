"""Programs as people write them: loops, caches, buffers, early returns, all of numpy's corners."""

import functools
import math

import numpy as np

from .record import KINK_CANCELS, LOST_DIGITS, NAN, NO_DERIVATIVE, ONE_SIDED, WRONG, Wild

T = np.linspace(0.0, 1.0, 5)
KNOTS, HEIGHTS = np.array([-2.0, -0.5, 1.0, 3.0]), np.array([0.0, 1.5, -1.0, 2.0])
P = {"scale": 1.7, "shift": [0.3, -0.2], "deep": {"w": np.array([0.5, -1.5, 2.0])}}
MEMO: dict[bytes, float] = {}
CALLS = [0]


def newton_root(x):
    y = np.ones_like(x)
    for _ in range(60):
        step = (y + np.exp(y) - x) / (1 + np.exp(y))
        y = y - step
        if np.all(np.abs(step) < 1e-14):
            break
    return y


def d_newton_root(x):
    return 1 / (1 + np.exp(newton_root(x)))


def d_newton_root_flipped(x):
    return 1 / (1 + np.exp(-newton_root(x)))


def heron(x):
    y = x
    while abs(y * y - x) > 1e-14 * x:
        y = (y + x / y) / 2
    return y


def d_heron(x):
    return 1 / (2 * heron(x))


def d_heron_half(x):
    return 1 / heron(x)


def branches(x):
    if x < -1:
        return -2 * x - 1
    if x < 1:
        return x * x
    return 2 * x - 1


def d_branches(x):
    if x < -1:
        return -2.0
    if x < 1:
        return 2 * x
    return 2.0


def d_branches_edge(x):
    if x <= -1:
        return -2.0
    if x < 2:
        return 2 * x
    return 2.0


def stairs(x):
    total = 0.0
    k = 0
    while k < 4 and x > k:
        total += (x - k) ** 2
        k += 1
    return total


def d_stairs(x):
    return sum(2.0 * (x - k) for k in range(4) if x > k)


def d_stairs_short(x):
    return sum(2.0 * (x - k) for k in range(3) if x > k)


def polynomial(x):
    return functools.reduce(lambda acc, c: acc * x + c, [2.0, -1.0, 0.5, 3.0])


def d_polynomial(x):
    return np.polyval(np.polyder([2.0, -1.0, 0.5, 3.0]), x)


def d_polynomial_ascending(x):
    return np.polyval([-1.0, 1.0, 6.0], x)


def chebyshev(x, n=5):
    a, b = np.ones_like(x), x
    for _ in range(n - 1):
        a, b = b, 2 * x * b - a
    return b


def d_chebyshev(x, n=5):
    a, b = np.ones_like(x), 2 * x
    for _ in range(n - 2):
        a, b = b, 2 * x * b - a
    return n * b


def d_chebyshev_first(x, n=5):
    return n * chebyshev(x, n - 1)


def by_entry(x):
    return np.array([v**2 if v > 0 else math.sin(v) for v in x])


def d_by_entry(x):
    return np.array([2 * v if v > 0 else math.cos(v) for v in x])


def scalar_math(x):
    return math.log(1 + math.exp(-abs(x))) + max(x, 0.0)


def d_scalar_math(x):
    if x >= 0:
        return 1 / (1 + math.exp(-x))
    return math.exp(x) / (1 + math.exp(x))


def d_scalar_math_flipped(x):
    return 1 / (1 + math.exp(x))


def configured(x):
    w = P["deep"]["w"]
    return P["scale"] * np.tanh(w @ x + sum(P["shift"]))


def g_configured(x):
    w = P["deep"]["w"]
    return P["scale"] * (1 - np.tanh(w @ x + sum(P["shift"])) ** 2) * w


def g_configured_shift(x):
    w = P["deep"]["w"]
    return P["scale"] * (1 - np.tanh(w @ x + P["shift"][0]) ** 2) * w


class Layer:
    """A layer that remembers its input between forward and backward."""

    def __init__(self):
        self.w = np.array([[0.5, -1.0, 0.3], [1.2, 0.4, -0.7]])
        self.cache = {}

    def loss(self, x):
        z = self.w @ x
        self.cache["z"] = z
        return float(0) + np.sum(np.maximum(z, 0) ** 2 / 2 + np.logaddexp(0, z))

    def gradient(self, x):
        self.loss(x)
        z = self.cache["z"]
        return self.w.T @ (np.maximum(z, 0) + 1 / (1 + np.exp(-z)))

    def stale(self, x):
        z = self.w @ x
        return self.w.T @ (z + 1 / (1 + np.exp(-z)))


LAYER = Layer()


def buffered(x):
    out = np.empty_like(x)
    np.multiply(x, x, out=out)
    out += 1.0
    np.sqrt(out, out=out)
    return out


def d_buffered(x):
    out = np.square(x)
    out += 1
    np.power(out, -0.5, out=out)
    out *= x
    return out


def d_buffered_inverse(x):
    out = np.square(x)
    out += 1
    return x / out


def counted(x):
    CALLS[0] += 1
    return np.sum(x**3)


def g_counted(x):
    CALLS[0] += 1
    return 3 * x**2


def pieces(x):
    return np.piecewise(x, [x < -1, (x >= -1) & (x < 1)], [lambda t: -t, lambda t: t**2, 1.0])


def d_pieces(x):
    return np.select([x < -1, x < 1], [-np.ones_like(x), 2 * x], 0.0)


def d_pieces_default(x):
    return np.select([x < -1, x < 1], [-np.ones_like(x), 2 * x], 1.0)


def interpolated(x):
    return np.interp(x, KNOTS, HEIGHTS)


def d_interpolated(x):
    slopes = np.append(np.insert(np.diff(HEIGHTS) / np.diff(KNOTS), 0, 0.0), 0.0)
    return slopes[np.searchsorted(KNOTS, x)]


def d_interpolated_tail(x):
    slopes = np.diff(HEIGHTS) / np.diff(KNOTS)
    return slopes[np.clip(np.searchsorted(KNOTS, x) - 1, 0, 2)]


def quadrature(x):
    f = np.exp(-np.outer(T, x))
    w = np.full(5, 0.25)
    w[[0, -1]] /= 2
    return np.sum(w @ f)


def g_quadrature(x):
    f = -T[:, None] * np.exp(-np.outer(T, x))
    w = np.full(5, 0.25)
    w[[0, -1]] /= 2
    return w @ f


def g_quadrature_ends(x):
    f = -T[:, None] * np.exp(-np.outer(T, x))
    return f.sum(axis=0) * 0.25


def smoothing(x):
    kernel = np.array([0.25, 0.5, 0.25])
    r = np.convolve(x, kernel, mode="same")
    return np.sum(np.diff(r) ** 2)


def g_smoothing(x):
    kernel = np.array([0.25, 0.5, 0.25])
    d = np.diff(np.convolve(x, kernel, mode="same"))
    g = np.zeros_like(x)
    g[1:] += 2 * d
    g[:-1] -= 2 * d
    return np.convolve(g, kernel, mode="same")


def g_smoothing_once(x):
    d = np.diff(np.convolve(x, np.array([0.25, 0.5, 0.25]), mode="same"))
    g = np.zeros_like(x)
    g[1:] += 2 * d
    g[:-1] -= 2 * d
    return g


def rolled(x):
    return np.sum(x * np.roll(x, 1) ** 2)


def g_rolled(x):
    return np.roll(x, 1) ** 2 + 2 * x * np.roll(x, -1)


def g_rolled_same(x):
    return np.roll(x, 1) ** 2 + 2 * x * np.roll(x, 1)


def segments(x):
    return np.sum(np.add.reduceat(x, [0, 2, 3]) ** 2)


def g_segments(x):
    s = np.add.reduceat(x, [0, 2, 3])
    return 2 * np.repeat(s, [2, 1, len(x) - 3])


def g_segments_first(x):
    return 2 * np.repeat(np.add.reduceat(x, [0, 2, 3]), [1, 2, len(x) - 3])


def spectrum(x):
    return np.sum(np.abs(np.fft.rfft(x)) ** 2)


def g_spectrum(x):
    return len(x) * x + np.fft.irfft(np.fft.rfft(x) * 0, len(x)) + x.sum() + _nyquist(x)


def _nyquist(x):
    sign = (-1.0) ** np.arange(len(x))
    return sign * (sign @ x)


def g_spectrum_parseval(x):
    return 2 * len(x) * x


def outer_loss(x):
    m = np.outer(x, x) - np.diag([1.0, 2.0, 0.5, 1.0])
    return np.sum(np.triu(m) ** 2)


def g_outer_loss(x):
    m = np.triu(np.outer(x, x) - np.diag([1.0, 2.0, 0.5, 1.0]))
    return 2 * (m + m.T) @ x


def g_outer_loss_half(x):
    m = np.triu(np.outer(x, x) - np.diag([1.0, 2.0, 0.5, 1.0]))
    return 2 * m @ x


def applied(x):
    return np.sum(np.apply_along_axis(lambda r: np.prod(r) - r[0], 1, x.reshape(2, 2)))


def g_applied(x):
    m = x.reshape(2, 2)
    g = m[:, ::-1].copy()
    g[:, 0] -= 1
    return g.ravel()


def vectorised(x):
    return np.vectorize(lambda t: t * abs(t))(x)


def d_vectorised(x):
    return 2 * np.abs(x)


def cancelling(x):
    return np.maximum(x, 0) + np.minimum(x, 0) + x**2


def d_cancelling(x):
    return (x > 0) * 1.0 + (x < 0) * 1.0 + 2 * x


def soft_threshold(x, t=0.5):
    return np.sign(x) * np.maximum(np.abs(x) - t, 0)


def d_soft_threshold(x, t=0.5):
    return (np.abs(x) > t).astype(x.dtype)


def d_soft_threshold_one(x, t=0.5):
    return np.where(np.abs(x) > t, 1.0, t)


def straight_through(x):
    return np.round(x)


def d_straight_through(x):
    return np.ones_like(x)


def root_abs(x):
    return np.sqrt(np.abs(x))


def d_root_abs(x):
    return np.sign(x) / (2 * np.sqrt(np.abs(x)))


def variation(x):
    return np.sum(np.abs(np.diff(x)))


def g_variation(x):
    s = np.sign(np.diff(x))
    return np.concatenate([[0.0], s]) - np.concatenate([s, [0.0]])


def corner(x):
    return np.minimum(np.abs(x[0]), np.abs(x[1]))


def g_corner(x):
    return np.where(np.abs(x) == np.min(np.abs(x)), np.sign(x), 0.0)


def g_corner_first(x):
    return np.array([1.0, 0.0])


def excess(x):
    return (np.exp(x) - 1 - x) / x**2


def d_excess(x):
    return (np.exp(x) * (x - 2) + x + 2) / x**3


def slow_tanh(x):
    return np.tanh(x)


def d_slow_tanh(x):
    return 1 - np.tanh(x) ** 2


def softplus(x):
    return np.logaddexp(0, x)


def d_softplus_naive(x):
    return np.exp(x) / (1 + np.exp(x))


G = "gradient"
FOUR = ([0.4, -1.2, 0.7, 1.5],)
LINE = (-1.7, 0.3, 2.4)

CASES: tuple[Wild, ...] = (
    Wild("newton_root", newton_root, d_newton_root, LINE),
    Wild("newton_root_flipped", newton_root, d_newton_root_flipped, LINE, WRONG),
    Wild("heron", heron, d_heron, (0.3, 2.0, 40.0), box="[0.1, 100]"),
    Wild("heron_half", heron, d_heron_half, (0.3, 2.0, 40.0), WRONG, box="[0.1, 100]"),
    Wild("branches", branches, d_branches, (-2.0, -1.0, 0.5, 1.0, 3.0)),
    Wild("branches_edge", branches, d_branches_edge, (1.5, 1.2), WRONG),
    Wild("stairs", stairs, d_stairs, (-0.5, 0.0, 1.0, 2.5, 5.0)),
    Wild("stairs_short", stairs, d_stairs_short, (3.5, 5.0), WRONG),
    Wild("horner", polynomial, d_polynomial, LINE),
    Wild("horner_ascending", polynomial, d_polynomial_ascending, LINE, WRONG),
    Wild("chebyshev", chebyshev, d_chebyshev, LINE),
    Wild("chebyshev_first", chebyshev, d_chebyshev_first, LINE, WRONG),
    Wild("by_entry", by_entry, d_by_entry, LINE),
    Wild("by_entry_zero", by_entry, d_by_entry, (0.0,), ONE_SIDED),
    Wild("scalar_math", scalar_math, d_scalar_math, (0.0, *LINE, -30.0), number=True),
    Wild("scalar_math_flipped", scalar_math, d_scalar_math_flipped, LINE, WRONG, number=True),
    Wild("configured", configured, g_configured, ([0.3, -0.4, 0.2],), claim=G),
    Wild("configured_shift", configured, g_configured_shift, ([0.3, -0.4, 0.2],), WRONG, G),
    Wild("cached", LAYER.loss, LAYER.gradient, ([0.3, -0.4, 0.2],), claim=G),
    Wild("cached_relu", LAYER.loss, LAYER.stale, ([0.3, 0.9, 0.2],), WRONG, G),
    Wild("buffered", buffered, d_buffered, (0.0, *LINE)),
    Wild("buffered_inverse", buffered, d_buffered_inverse, LINE, WRONG),
    Wild("counted", counted, g_counted, FOUR, claim=G),
    Wild("pieces_np", pieces, d_pieces, LINE),
    Wild("pieces_default", pieces, d_pieces_default, (2.4, 5.0), WRONG),
    Wild("pieces_jump", pieces, d_pieces, (-1.0,), NO_DERIVATIVE),
    Wild("interpolated", interpolated, d_interpolated, (-3.0, -1.0, 0.2, 2.0, 4.0)),
    Wild("interpolated_tail", interpolated, d_interpolated_tail, (-3.0, 4.0), WRONG),
    Wild("quadrature", quadrature, g_quadrature, FOUR, claim=G),
    Wild("quadrature_ends", quadrature, g_quadrature_ends, FOUR, WRONG, G),
    Wild("smoothing", smoothing, g_smoothing, FOUR, claim=G),
    Wild("smoothing_once", smoothing, g_smoothing_once, FOUR, WRONG, G),
    Wild("rolled", rolled, g_rolled, FOUR, claim=G),
    Wild("rolled_same", rolled, g_rolled_same, FOUR, WRONG, G),
    Wild("segments", segments, g_segments, FOUR, claim=G),
    Wild("segments_first", segments, g_segments_first, FOUR, WRONG, G),
    Wild("spectrum", spectrum, g_spectrum, FOUR, claim=G),
    Wild("spectrum_parseval", spectrum, g_spectrum_parseval, FOUR, WRONG, G),
    Wild("outer_loss", outer_loss, g_outer_loss, FOUR, claim=G),
    Wild("outer_loss_half", outer_loss, g_outer_loss_half, FOUR, WRONG, G),
    Wild("applied", applied, g_applied, FOUR, claim=G),
    Wild("vectorised", vectorised, d_vectorised, (0.0, *LINE)),
    Wild("cancelling", cancelling, d_cancelling, (0.0,), KINK_CANCELS),
    Wild("soft_threshold", soft_threshold, d_soft_threshold, LINE),
    Wild("soft_threshold_one", soft_threshold, d_soft_threshold_one, (0.3, -0.2), WRONG),
    Wild("soft_threshold_tie", soft_threshold, d_soft_threshold, (0.5, -0.5), ONE_SIDED),
    Wild("straight_through", straight_through, d_straight_through, LINE, WRONG),
    Wild("root_abs", root_abs, d_root_abs, (0.0,), NO_DERIVATIVE),
    Wild("variation_flat", variation, g_variation, ([1.0, 1.0, 1.0, 0.0],), ONE_SIDED, G),
    Wild("corner", corner, g_corner, ([0.4, -1.2],), claim=G, blind=False),
    Wild("corner_first", corner, g_corner_first, ([1.0, 1.0],), ONE_SIDED, G, blind=False),
    Wild("corner_both", corner, g_corner, ([1.0, -1.0],), NO_DERIVATIVE, G, accept=(WRONG,)),
    Wild("excess_near_0", excess, d_excess, (1e-5, -3e-6), LOST_DIGITS, box="[1e-7, 5]"),
    Wild("slow_tanh", slow_tanh, d_slow_tanh, (20.0, -25.0), LOST_DIGITS, box="[-30, 30]"),
    Wild("softplus_overflow", softplus, d_softplus_naive, (800.0,), NAN, box="[-1000, 1000]"),
)
