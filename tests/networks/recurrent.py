"""How the layers of `sources/recurrent.py` are verified, and what is planted in them."""

from __future__ import annotations

from types import ModuleType

import numpy as np

from .planting import Call, Fault, Layer, call, sample

NETWORK = "recurrent"
WEIGHTS = {"Wx": sample(2, 3, seed=1), "Wh": sample(3, 3, seed=2), "b": sample(3, seed=3)}
GATES = {"Wx": sample(2, 12, seed=1), "Wh": sample(3, 12, seed=2), "b": sample(12, seed=3)}
STEPS = {"x": sample(2, 3, 2), "h0": sample(2, 3)}


def _char_rnn(net: ModuleType) -> Call:
    point = {
        "Wxh": sample(3, 4, seed=1),
        "Whh": sample(3, 3, seed=2),
        "Why": sample(4, 3, seed=3),
        "bh": sample(3, 1, seed=4),
        "by": sample(4, 1, seed=5),
        "inputs": [0, 2, 1],
        "targets": [2, 1, 3],
        "hprev": sample(3, 1, seed=6),
    }
    wrt = ["Wxh", "Whh", "Why", "bh", "by"]
    return call(net.char_rnn_loss, at=point, wrt=wrt, value_and_gradient=net.char_rnn_loss)


LAYERS: tuple[Layer, ...] = (
    Layer(
        NETWORK,
        "char_rnn",
        _char_rnn,
        Fault("char_rnn_loss", "dhnext = np.dot(Whh.T, draw)", "dhnext = np.dot(Whh, draw)"),
        "Whh",
    ),
    Layer(
        NETWORK,
        "rnn_step",
        lambda net: call(
            net.rnn_step_forward,
            at={"x": sample(2, 2), "prev_h": sample(2, 3), **WEIGHTS},
            backward=net.rnn_step_backward,
            cache=1,
        ),
        Fault("rnn_step_backward", "dWh = prev_h.T.dot(da)", "dWh = next_h.T.dot(da)"),
        "Wh",
    ),
    Layer(
        NETWORK,
        "rnn",
        lambda net: call(
            net.rnn_forward, at={**STEPS, **WEIGHTS}, backward=net.rnn_backward, cache=1
        ),
        Fault("rnn_backward", "dh[:, t, :] + dprev", "dh[:, t, :]"),
        "Wx",
    ),
    Layer(
        NETWORK,
        "lstm",
        lambda net: call(
            net.lstm_forward, at={**STEPS, **GATES}, backward=net.lstm_backward, cache=1
        ),
        Fault("lstm_backward", "dc * c_prev * f * (1 - f)", "dc * c_prev * f"),
        "b",
    ),
    Layer(
        NETWORK,
        "gru_step",
        lambda net: call(
            net.gru_step,
            at={
                "x": sample(2, 2),
                "h": sample(2, 3),
                "W": sample(2, 9),
                "U": sample(3, 9),
                "b": sample(9),
            },
            backward=net.gru_step_backward,
            cache=1,
        ),
        Fault("gru_step_backward", "[dr, dz, dn * r]", "[dr, dz, dn]"),
        "U",
    ),
    Layer(
        NETWORK,
        "temporal_softmax_loss",
        lambda net: call(
            net.temporal_softmax_loss,
            at={"x": sample(2, 3, 4)},
            on={
                "y": np.array([[0, 2, 3], [1, 1, 0]]),
                "mask": np.array([[1.0, 1.0, 0.0], [1.0, 0.0, 0.0]]),
            },
            value_and_gradient=net.temporal_softmax_loss,
        ),
        Fault("temporal_softmax_loss", "dx_flat *= mask_flat[:, None]", "dx_flat *= 1.0"),
        "x",
    ),
)
