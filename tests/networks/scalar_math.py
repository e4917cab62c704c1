"""How the layers of `sources/scalar_math.py` are verified, and what is planted in them."""

from __future__ import annotations

import numpy as np

from .planting import Fault, Layer, call, sample

NETWORK = "scalar_math"
SIGNAL = np.array([0.5, -1.0, 0.75, 2.0])

LAYERS: tuple[Layer, ...] = (
    Layer(
        NETWORK,
        "neuron",
        lambda net: call(
            net.neuron,
            at={"w": sample(3), "x": sample(3, seed=1), "b": 0.25},
            gradient=net.neuron_gradient,
        ),
        Fault("neuron_gradient", "slope = s * (1.0 - s)", "slope = s"),
        "w",
    ),
    Layer(
        NETWORK,
        "xor_net",
        lambda net: call(
            net.xor_net_error,
            at={"hidden": sample(2, 3), "output": sample(3)},
            on={"inputs": np.array([1.0, 0.0]), "target": 1.0},
            value_and_gradient=net.xor_net_error,
        ),
        Fault("xor_net_error", "* output[j] * (1 - a * a)", "* output[j] * a * (1 - a)"),
        "hidden",
    ),
    Layer(
        NETWORK,
        "cross_entropy_of_a_list",
        lambda net: call(
            net.cross_entropy,
            at={"z": sample(4), "target": 2},
            gradient=net.cross_entropy_gradient,
        ),
        Fault("cross_entropy_gradient", "g[target] -= 1.0", "g[target] = -1.0"),
        "z",
    ),
    Layer(
        NETWORK,
        "gaussian_likelihood",
        lambda net: call(
            net.gaussian_nll,
            at={"mu": 0.5, "log_sigma": -0.25},
            on={"data": SIGNAL},
            gradient=net.gaussian_nll_gradient,
        ),
        Fault("gaussian_nll_gradient", "math.exp(2 * log_sigma)", "math.exp(log_sigma)"),
        "mu",
    ),
    Layer(
        NETWORK,
        "radial_unit",
        lambda net: call(
            net.rbf_unit,
            at={"x": sample(3), "centre": sample(3, seed=1), "width": 1.5},
            gradient=net.rbf_unit_gradient,
        ),
        Fault("rbf_unit_gradient", "phi * d2 / width**3", "phi * d2 / width**2"),
        "width",
    ),
    Layer(
        NETWORK,
        "elman_unit",
        lambda net: call(
            net.elman_energy,
            at={"w": sample(3)},
            on={"signal": SIGNAL},
            gradient=net.elman_energy_gradient,
        ),
        Fault("elman_energy_gradient", "(w[0] * d + local)", "(d + local)"),
        "w",
    ),
    Layer(
        NETWORK,
        "hinge_with_an_if",
        lambda net: call(
            net.hinge,
            at=[{"w": np.array([0.5, -0.5])}, {"w": np.array([1.5, 1.0])}],
            on={"x": np.array([1.0, 2.0]), "label": 1.0},
            gradient=net.hinge_gradient,
        ),
        Fault("hinge_gradient", "return [-label * xi", "return [label * xi"),
        "w",
    ),
)
