"""Functions of scipy.special, of matrices, of finance and of physics."""

import numpy as np
from scipy import special
from scipy.linalg import expm
from scipy.stats import norm

from .record import LOST_DIGITS, ONE_SIDED, WRONG, Wild

RNG = np.random.RandomState(11)
B, C = RNG.randn(3), RNG.randn(3, 3)
STIFF = C @ C.T + 2 * np.eye(3)
PI = np.pi


# ---------------------------------------------------------------- scipy.special
def log_beta(x):
    return special.betaln(x, 2.5)


def d_log_beta(x):
    return special.digamma(x) - special.digamma(x + 2.5)


def d_log_beta_sign(x):
    return special.digamma(x) + special.digamma(x + 2.5)


def lower_gamma(x):
    return special.gammainc(2.5, x)


def d_lower_gamma(x):
    return x**1.5 * np.exp(-x) / special.gamma(2.5)


def d_lower_gamma_shape(x):
    return x**2.5 * np.exp(-x) / special.gamma(2.5)


def upper_gamma(x):
    return special.gammaincc(0.7, x)


def d_upper_gamma(x):
    return -np.exp(-x - 0.3 * np.log(x) - special.gammaln(0.7))


def beta_cdf(x):
    return special.betainc(2.0, 3.5, x)


def d_beta_cdf(x):
    return x * (1 - x) ** 2.5 / special.beta(2.0, 3.5)


def d_beta_cdf_power(x):
    return x * (1 - x) ** 3.5 / special.beta(2.0, 3.5)


def bessel(x):
    return special.jv(1, x)


def d_bessel(x):
    return 0.5 * (special.jv(0, x) - special.jv(2, x))


def d_bessel_plus(x):
    return 0.5 * (special.jv(0, x) + special.jv(2, x))


def bessel_zero(x):
    return special.j0(x)


def d_bessel_zero(x):
    return -special.j1(x)


def mises(k):
    return np.log(special.i0e(k)) + k


def d_mises(k):
    return special.i1e(k) / special.i0e(k)


def d_mises_unscaled(k):
    return special.i1(k) / special.i0(k)


def matern(r):
    return np.sqrt(2 / PI) * r**1.5 * special.kv(1.5, r)


def d_matern(r):
    return -np.sqrt(2 / PI) * r**1.5 * special.kv(0.5, r)


def d_matern_order(r):
    return -np.sqrt(2 / PI) * r**1.5 * special.kv(1.5, r)


def wishart(a):
    return special.multigammaln(a, 3)


def student(n):
    return special.gammaln((n + 1) / 2) - special.gammaln(n / 2) - 0.5 * np.log(n * PI)


def d_student(n):
    return 0.5 * (special.psi((n + 1) / 2) - special.psi(n / 2) - 1 / n)


def d_student_half(n):
    return special.psi((n + 1) / 2) - special.psi(n / 2) - 0.5 / n


def dd_student(n):
    trigamma = special.polygamma
    return 0.25 * (trigamma(1, (n + 1) / 2) - trigamma(1, n / 2)) + 0.5 / n**2


def entropy(p):
    return special.entr(p) + special.entr(1 - p)


def d_entropy(p):
    return special.logit(1 - p)


def d_entropy_flipped(p):
    return special.logit(p)


def quantile(p):
    return special.ndtri(p) ** 2


def d_quantile(p):
    z = special.ndtri(p)
    return 2 * z * np.sqrt(2 * PI) * np.exp(z**2 / 2)


def mills(x):
    return np.log(special.erfcx(x / np.sqrt(2)))


def d_mills(x):
    return x - np.sqrt(2 / PI) / special.erfcx(x / np.sqrt(2))


def d_mills_digits(x):
    return x - 0.797884 / special.erfcx(x / np.sqrt(2))


def exponential(x):
    return special.exp1(x)


def d_exponential(x):
    return -np.exp(-x) / x


def dawson(x):
    return special.dawsn(x)


def d_dawson(x):
    return 1 - 2 * x * special.dawsn(x)


def lambert(x):
    return np.real(special.lambertw(x))


def d_lambert(x):
    w = np.real(special.lambertw(x))
    return w / (x * (1 + w))


# ---------------------------------------------------------------- matrices
def log_det(m):
    return np.linalg.slogdet(m)[1]


def g_log_det(m):
    return np.linalg.inv(m).T


def g_log_det_plain(m):
    return np.linalg.inv(m)


def mahalanobis(m):
    return B @ np.linalg.solve(m, B)


def g_mahalanobis(m):
    left, right = np.linalg.solve(m.T, B), np.linalg.solve(m, B)
    return -np.outer(left, right)


def g_mahalanobis_sides(m):
    left, right = np.linalg.solve(m.T, B), np.linalg.solve(m, B)
    return -np.outer(right, left)


def trace_power(m):
    return np.trace(np.linalg.matrix_power(m, 3) @ C)


def g_trace_power(m):
    t = m.T
    return C.T @ t @ t + t @ C.T @ t + t @ t @ C.T


def g_trace_power_commuting(m):
    return 3 * m.T @ m.T @ C.T


def through_cholesky(v):
    low = np.zeros((3, 3))
    low[np.tril_indices(3)] = v
    np.fill_diagonal(low, np.exp(np.diag(low)))
    return np.sum(np.linalg.solve(low, B) ** 2) / 2 + np.sum(np.log(np.diag(low)))


def g_through_cholesky(v):
    low = np.zeros((3, 3))
    low[np.tril_indices(3)] = v
    np.fill_diagonal(low, np.exp(np.diag(low)))
    z = np.linalg.solve(low, B)
    g = -np.outer(np.linalg.solve(low.T, z), z)
    g[np.diag_indices(3)] = g[np.diag_indices(3)] * np.diag(low) + 1
    return g[np.tril_indices(3)]


def g_through_cholesky_chain(v):
    low = np.zeros((3, 3))
    low[np.tril_indices(3)] = v
    np.fill_diagonal(low, np.exp(np.diag(low)))
    z = np.linalg.solve(low, B)
    g = -np.outer(np.linalg.solve(low.T, z), z)
    g[np.diag_indices(3)] = g[np.diag_indices(3)] + 1
    return g[np.tril_indices(3)]


def top_eigenvalue(m):
    return np.linalg.eigvalsh((m + m.T) / 2)[-1]


def g_top_eigenvalue(m):
    v = np.linalg.eigh((m + m.T) / 2)[1][:, -1]
    return np.outer(v, v)


def g_top_eigenvalue_first(m):
    v = np.linalg.eigh((m + m.T) / 2)[1][:, 0]
    return np.outer(v, v)


def nuclear(m):
    return np.linalg.svd(m, compute_uv=False).sum()


def g_nuclear(m):
    u, _, vt = np.linalg.svd(m)
    return u @ vt


def g_nuclear_transposed(m):
    u, _, vt = np.linalg.svd(m)
    return (u @ vt).T


def frobenius(m):
    return np.linalg.norm(m @ C)


def g_frobenius(m):
    return m @ C @ C.T / np.linalg.norm(m @ C)


def kron_form(m):
    return np.sum(np.kron(m, STIFF) ** 2) / 2 + np.trace(np.kron(m, C))


def g_kron_form(m):
    return m * np.sum(STIFF**2) + np.eye(3) * np.trace(C)


def ridge(x):
    a = np.vstack([C, x])
    w = np.linalg.inv(a.T @ a + 0.1 * np.eye(3)) @ (a.T @ np.array([1.0, -1.0, 0.5, 2.0]))
    return w @ w


def flow(m):
    return np.sum(expm(m) @ B)


# ---------------------------------------------------------------- finance
def call(s, k=100.0, r=0.03, sigma=0.2, t=0.75):
    d1 = (np.log(s / k) + (r + sigma**2 / 2) * t) / (sigma * np.sqrt(t))
    return s * norm.cdf(d1) - k * np.exp(-r * t) * norm.cdf(d1 - sigma * np.sqrt(t))


def delta(s, k=100.0, r=0.03, sigma=0.2, t=0.75):
    return norm.cdf((np.log(s / k) + (r + sigma**2 / 2) * t) / (sigma * np.sqrt(t)))


def delta_d2(s, k=100.0, r=0.03, sigma=0.2, t=0.75):
    return norm.cdf((np.log(s / k) + (r - sigma**2 / 2) * t) / (sigma * np.sqrt(t)))


def gamma(s, k=100.0, r=0.03, sigma=0.2, t=0.75):
    d1 = (np.log(s / k) + (r + sigma**2 / 2) * t) / (sigma * np.sqrt(t))
    return np.exp(-(d1**2) / 2) / np.sqrt(2 * PI) / (s * sigma * np.sqrt(t))


def gamma_time(s, k=100.0, r=0.03, sigma=0.2, t=0.75):
    d1 = (np.log(s / k) + (r + sigma**2 / 2) * t) / (sigma * np.sqrt(t))
    return np.exp(-(d1**2) / 2) / np.sqrt(2 * PI) / (s * sigma * t)


def by_volatility(x):
    s, sigma = x
    d1 = (np.log(s / 100) + sigma**2 / 2) / sigma
    return s * special.ndtr(d1) - 100 * special.ndtr(d1 - sigma)


def h_by_volatility(x):
    s, sigma = x
    d1 = (np.log(s / 100) + sigma**2 / 2) / sigma
    d2, phi = d1 - sigma, np.exp(-(d1**2) / 2) / np.sqrt(2 * PI)
    vanna = -phi * d2 / sigma
    return np.array([[phi / (s * sigma), vanna], [vanna, s * phi * d1 * d2 / sigma]])


def h_by_volatility_vanna(x):
    s, sigma = x
    d1 = (np.log(s / 100) + sigma**2 / 2) / sigma
    d2, phi = d1 - sigma, np.exp(-(d1**2) / 2) / np.sqrt(2 * PI)
    vanna = phi * d2 / sigma
    return np.array([[phi / (s * sigma), vanna], [vanna, s * phi * d1 * d2 / sigma]])


def payoff(s):
    return np.maximum(s - 100.0, 0.0)


def d_payoff(s):
    return (s >= 100.0).astype(float)


# ---------------------------------------------------------------- physics and geometry
def turned(v):
    angle = np.linalg.norm(v)
    k = v / angle
    p = np.array([1.0, 2.0, -0.5])
    r = p * np.cos(angle) + np.cross(k, p) * np.sin(angle) + k * (k @ p) * (1 - np.cos(angle))
    return B @ r


def quaternion(q):
    w, x, y, z = q / np.sqrt(np.sum(q**2))
    rotation = np.array(
        [
            [1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y)],
            [2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x)],
            [2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)],
        ]
    )
    return np.sum(C * rotation)


def _quaternion(q):
    w, x, y, z = q
    c = C
    return 2 * np.array(
        [
            z * (c[1, 0] - c[0, 1]) + y * (c[0, 2] - c[2, 0]) + x * (c[2, 1] - c[1, 2]),
            y * (c[0, 1] + c[1, 0])
            + z * (c[0, 2] + c[2, 0])
            + w * (c[2, 1] - c[1, 2])
            - 2 * x * (c[1, 1] + c[2, 2]),
            x * (c[0, 1] + c[1, 0])
            + z * (c[1, 2] + c[2, 1])
            + w * (c[0, 2] - c[2, 0])
            - 2 * y * (c[0, 0] + c[2, 2]),
            x * (c[0, 2] + c[2, 0])
            + y * (c[1, 2] + c[2, 1])
            + w * (c[1, 0] - c[0, 1])
            - 2 * z * (c[0, 0] + c[1, 1]),
        ]
    )


def g_quaternion(q):
    n = np.sqrt(q @ q)
    u = q / n
    g = _quaternion(u)
    return (g - u * (u @ g)) / n


def g_quaternion_unprojected(q):
    n = np.sqrt(q @ q)
    return _quaternion(q / n) / n


def projected(x):
    u, v = 500 * x[0] / x[2] + 320, 480 * x[1] / x[2] + 240
    return (u - 300) ** 2 + (v - 250) ** 2


def g_projected(x):
    u, v = 500 * x[0] / x[2] + 20, 480 * x[1] / x[2] - 10
    return 2 * np.array(
        [500 * u / x[2], 480 * v / x[2], -(500 * u * x[0] + 480 * v * x[1]) / x[2] ** 2]
    )


def g_projected_depth(x):
    u, v = 500 * x[0] / x[2] + 20, 480 * x[1] / x[2] - 10
    return 2 * np.array([500 * u / x[2], 480 * v / x[2], -(500 * u + 480 * v) / x[2] ** 2])


def springs(x):
    p = x.reshape(3, 2)
    d = np.diff(p, axis=0)
    return 0.5 * np.sum((np.hypot(d[:, 0], d[:, 1]) - 1.0) ** 2)


def g_springs(x):
    p = x.reshape(3, 2)
    d = np.diff(p, axis=0)
    length = np.hypot(d[:, 0], d[:, 1])[:, None]
    force = (length - 1) * d / length
    g = np.zeros_like(p)
    g[1:] += force
    g[:-1] -= force
    return g.ravel()


def g_springs_direction(x):
    p = x.reshape(3, 2)
    d = np.diff(p, axis=0)
    length = np.hypot(d[:, 0], d[:, 1])[:, None]
    force = (length - 1) * d
    g = np.zeros_like(p)
    g[1:] += force
    g[:-1] -= force
    return g.ravel()


def lennard_jones(x):
    total = 0.0
    for i in range(3):
        for j in range(i):
            r2 = np.sum((x[2 * i : 2 * i + 2] - x[2 * j : 2 * j + 2]) ** 2)
            total += 4 * (r2**-6 - r2**-3)
    return total


def _lennard_jones(x, power):
    g = np.zeros_like(x)
    for i in range(3):
        for j in range(i):
            d = x[2 * i : 2 * i + 2] - x[2 * j : 2 * j + 2]
            r2 = d @ d
            f = 4 * (-12 * r2**power + 6 * r2**-4) * d
            g[2 * i : 2 * i + 2] += f
            g[2 * j : 2 * j + 2] -= f
    return g


def g_lennard_jones(x):
    return _lennard_jones(x, -7)


def g_lennard_jones_power(x):
    return _lennard_jones(x, -6.0)


def _field(y, p):
    return np.array([p[0] * y[0] - y[0] * y[1], p[1] * y[0] * y[1] - y[1]])


def runge_kutta(p, h=0.1, steps=4):
    y = np.array([1.0, 0.5])
    for _ in range(steps):
        a = _field(y, p)
        b = _field(y + h / 2 * a, p)
        c = _field(y + h / 2 * b, p)
        d = _field(y + h * c, p)
        y = y + h / 6 * (a + 2 * b + 2 * c + d)
    return y[0] - 2 * y[1]


def _tangent(p, h, steps, stages):
    y, s = np.array([1.0, 0.5]), np.zeros((2, 2))

    def rate(y, s):
        jac = np.array([[p[0] - y[1], -y[0]], [p[1] * y[1], p[1] * y[0] - 1]])
        own = np.array([[y[0], 0.0], [0.0, y[0] * y[1]]])
        return _field(y, p), jac @ s + own

    for _ in range(steps):
        a, sa = rate(y, s)
        if stages == 1:
            y, s = y + h * a, s + h * sa
            continue
        b, sb = rate(y + h / 2 * a, s + h / 2 * sa)
        c, sc = rate(y + h / 2 * b, s + h / 2 * sb)
        d, sd = rate(y + h * c, s + h * sc)
        y, s = y + h / 6 * (a + 2 * b + 2 * c + d), s + h / 6 * (sa + 2 * sb + 2 * sc + sd)
    return s[0] - 2 * s[1]


def g_runge_kutta(p):
    return _tangent(p, 0.1, 4, 4)


def g_runge_kutta_euler(p):
    return _tangent(p, 0.1, 4, 1)  # the sensitivity by another scheme than the state


def kepler(x):
    return -1 / np.sqrt(np.sum(x**2))


def h_kepler(x):
    r = np.sqrt(x @ x)
    return np.eye(3) / r**3 - 3 * np.outer(x, x) / r**5


def h_kepler_two(x):
    r = np.sqrt(x @ x)
    return np.eye(3) / r**3 - 2 * np.outer(x, x) / r**5


def angle(x):
    return np.arctan2(x[1], x[0])


def g_angle(x):
    return np.array([-x[1], x[0]]) / (x @ x)


def g_angle_swapped(x):
    return np.array([x[1], -x[0]]) / (x @ x)


MATRIX = (STIFF + 0.3 * C).tolist()
THREE, SIX = ([0.4, -0.7, 1.2],), ([0.0, 0.1, 1.3, 0.2, 0.4, 1.5],)
POSITIVE, UNIT, ROW = (0.3, 1.7, 6.0), (0.2, 0.5, 0.93), ([0.3, -1.2, 0.8],)
G, H, E = "gradient", "hessian", "second_derivative"
P, U, TO_200 = "[0.05, 20]", "[0.01, 0.99]", "[0.1, 200]"
TURN = ([0.5, -0.2, 0.9, 0.4],)

CASES: tuple[Wild, ...] = (
    Wild("log_beta", log_beta, d_log_beta, POSITIVE, box=P),
    Wild("log_beta_sign", log_beta, d_log_beta_sign, POSITIVE, WRONG, box=P),
    Wild("lower_gamma", lower_gamma, d_lower_gamma, POSITIVE, box=P),
    Wild("lower_gamma_shape", lower_gamma, d_lower_gamma_shape, POSITIVE, WRONG, box=P),
    Wild("upper_gamma", upper_gamma, d_upper_gamma, POSITIVE, box=P),
    Wild("beta_cdf", beta_cdf, d_beta_cdf, UNIT, box=U),
    Wild("beta_cdf_power", beta_cdf, d_beta_cdf_power, UNIT, WRONG, box=U),
    Wild("bessel", bessel, d_bessel, POSITIVE, box=P),
    Wild("bessel_plus", bessel, d_bessel_plus, POSITIVE, WRONG, box=P),
    Wild("bessel_zero", bessel_zero, d_bessel_zero, POSITIVE, box=P),
    Wild("mises", mises, d_mises, POSITIVE, box=P),
    Wild("matern", matern, d_matern, POSITIVE, box=P),
    Wild("matern_order", matern, d_matern_order, POSITIVE, WRONG, box=P),
    Wild("student", student, d_student, POSITIVE, box=P),
    Wild("student_half", student, d_student_half, POSITIVE, WRONG, box=P),
    Wild("student_dd", student, dd_student, POSITIVE, claim=E, box=P),
    Wild("binary_entropy", entropy, d_entropy, UNIT, box=U),
    Wild("entropy_flipped", entropy, d_entropy_flipped, (0.2, 0.93), WRONG, box=U),
    Wild("quantile_2", quantile, d_quantile, UNIT, box=U),
    Wild("mills_ratio", mills, d_mills, POSITIVE, box=P),
    Wild("mills_digits", mills, d_mills_digits, POSITIVE, WRONG, box=P, accept=(LOST_DIGITS,)),
    Wild("exp_integral", exponential, d_exponential, POSITIVE, box=P),
    Wild("dawson", dawson, d_dawson, POSITIVE, box=P),
    Wild("lambert", lambert, d_lambert, POSITIVE, box=P),
    Wild("log_det", log_det, g_log_det, (MATRIX,), claim=G, blind=False),
    Wild("log_det_plain", log_det, g_log_det_plain, (MATRIX,), WRONG, G),
    Wild("mahalanobis_2", mahalanobis, g_mahalanobis, (MATRIX,), claim=G, blind=False),
    Wild("mahalanobis_sides", mahalanobis, g_mahalanobis_sides, (MATRIX,), WRONG, G),
    Wild("trace_power", trace_power, g_trace_power, (MATRIX,), claim=G),
    Wild("trace_power_commuting", trace_power, g_trace_power_commuting, (MATRIX,), WRONG, G),
    Wild("cholesky_factor", through_cholesky, g_through_cholesky, SIX, claim=G),
    Wild("cholesky_chain", through_cholesky, g_through_cholesky_chain, SIX, WRONG, G),
    Wild("top_eigenvalue", top_eigenvalue, g_top_eigenvalue, (MATRIX,), claim=G, blind=False),
    Wild("top_eigenvalue_first", top_eigenvalue, g_top_eigenvalue_first, (MATRIX,), WRONG, G),
    Wild("nuclear", nuclear, g_nuclear, (MATRIX,), claim=G, blind=False),
    Wild("nuclear_transposed", nuclear, g_nuclear_transposed, (MATRIX,), WRONG, G),
    Wild("frobenius_2", frobenius, g_frobenius, (MATRIX,), claim=G, blind=False),
    Wild("kron_form", kron_form, g_kron_form, (MATRIX,), claim=G),
    Wild("delta", call, delta, (80.0, 100.0, 130.0), box="[50, 150]"),
    Wild("delta_d2", call, delta_d2, (80.0, 100.0, 130.0), WRONG, box="[50, 150]"),
    Wild("gamma_greek", call, gamma, (80.0, 100.0, 130.0), claim=E, box="[50, 150]"),
    Wild("gamma_greek_time", call, gamma_time, (80.0, 100.0, 130.0), WRONG, E, "[50, 150]"),
    Wild("vanna", by_volatility, h_by_volatility, ([95.0, 0.3],), claim=H, box=TO_200),
    Wild("vanna_sign", by_volatility, h_by_volatility_vanna, ([95.0, 0.3],), WRONG, H, TO_200),
    Wild("payoff_strike", payoff, d_payoff, (100.0,), ONE_SIDED, box="[50, 150]"),
    Wild("quaternion_ok", quaternion, g_quaternion, TURN, claim=G, blind=False),
    Wild("quaternion_plain", quaternion, g_quaternion_unprojected, TURN, WRONG, G),
    Wild("projected", projected, g_projected, ([0.3, -0.2, 4.0],), claim=G, blind=False),
    Wild("projected_depth", projected, g_projected_depth, ([0.3, -0.2, 4.0],), WRONG, G),
    Wild("springs", springs, g_springs, SIX, claim=G, blind=False),
    Wild("springs_direction", springs, g_springs_direction, SIX, WRONG, G),
    Wild("lennard_jones", lennard_jones, g_lennard_jones, SIX, claim=G, blind=False),
    Wild("lennard_jones_power", lennard_jones, g_lennard_jones_power, SIX, WRONG, G),
    Wild("runge_kutta", runge_kutta, g_runge_kutta, ([0.7, 1.1],), claim=G),
    Wild("runge_kutta_euler", runge_kutta, g_runge_kutta_euler, ([0.7, 1.1],), WRONG, G),
    Wild("kepler_h", kepler, h_kepler, THREE, claim=H, blind=False),
    Wild("kepler_two", kepler, h_kepler_two, THREE, WRONG, H),
    Wild("angle", angle, g_angle, ([0.3, -1.2], [-0.4, 0.7]), claim=G, blind=False),
    Wild("angle_swapped", angle, g_angle_swapped, ([0.3, -1.2],), WRONG, G),
    Wild("mises_unscaled", mises, d_mises_unscaled, (800.0,), "nan_or_inf", box="[1, 1000]"),
)
