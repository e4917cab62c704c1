"""How the parts of `sources/vae.py` are verified, and what is planted in them."""

from __future__ import annotations

import numpy as np

from .planting import Fault, Layer, call, positive, sample

NETWORK = "vae"
PARAMS = {
    "We": sample(3, 4),
    "be": sample(4),
    "Wm": sample(4, 2),
    "Wv": sample(4, 2, seed=1),
    "Wd": sample(2, 4),
    "bd": sample(4, seed=1),
    "Wo": sample(4, 3),
    "bo": sample(3),
}
PIXELS = np.array([[1.0, 0.0, 1.0], [0.0, 0.0, 1.0]])

LAYERS: tuple[Layer, ...] = (
    Layer(
        NETWORK,
        "evidence_lower_bound",
        lambda net: call(
            net.elbo_loss,
            at={"params": PARAMS},
            on={"x": PIXELS, "eps": sample(2, 2)},
            value_and_gradient=net.elbo_loss,
        ),
        Fault("elbo_loss", "dz * eps * 0.5 * std", "dz * eps * std"),
        "params.Wv",
    ),
    Layer(
        NETWORK,
        "reparametrization",
        lambda net: call(
            net.reparametrize,
            at={"mu": sample(2, 3), "logvar": sample(2, 3, seed=1)},
            on={"eps": sample(2, 3, seed=2)},
            vjp=net.reparametrize_grad,
        ),
        Fault("reparametrize_grad", "dz * eps * 0.5", "dz * 0.5"),
        "logvar",
    ),
    Layer(
        NETWORK,
        "kl_divergence",
        lambda net: call(
            net.kl_divergence,
            at={"mu": sample(3, 2), "logvar": sample(3, 2, seed=1)},
            gradient=net.kl_divergence_grad,
        ),
        Fault("kl_divergence_grad", "(np.exp(logvar) - 1)", "(1 - np.exp(logvar))"),
        "logvar",
    ),
    Layer(
        NETWORK,
        "bernoulli_with_logits",
        lambda net: call(
            net.bernoulli_nll,
            at={"logits": sample(2, 3)},
            on={"x": PIXELS},
            gradient=net.bernoulli_nll_grad,
        ),
        Fault("bernoulli_nll_grad", "1 - 1 / (1 + np.exp(logits))", "1 / (1 + np.exp(logits))"),
        "logits",
    ),
    Layer(
        NETWORK,
        "gaussian_likelihood",
        lambda net: call(
            net.gaussian_nll,
            at={"mu": sample(2, 3), "log_sigma": sample(2, 3, seed=1)},
            on={"x": positive(2, 3)},
            gradient=net.gaussian_nll_grad,
        ),
        Fault("gaussian_nll_grad", "inv_var / mu.size", "inv_var / len(mu)"),
        "mu",
    ),
    Layer(
        NETWORK,
        "planar_flow",
        lambda net: call(
            net.normal_flow,
            at={"z": sample(3, 2), "u": positive(2), "w": positive(2, seed=1), "b": 0.25},
            gradient=net.normal_flow_grad,
        ),
        Fault("normal_flow_grad", "(-2 * a * da_dt * (w @ u)) / det", "0.0"),
        "b",
    ),
)
