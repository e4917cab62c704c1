"""How the layers of `sources/word_vectors.py` are verified, and what is planted in them."""

from __future__ import annotations

import numpy as np

from .planting import Fault, Layer, call, sample

NETWORK = "word_vectors"
TABLE = sample(5, 3)
PAIRS = np.array([[0, 1], [2, 1], [0, 3]])

LAYERS: tuple[Layer, ...] = (
    Layer(
        NETWORK,
        "embedding",
        lambda net: call(
            net.embedding,
            at={"W": TABLE, "idx": np.array([[1, 4], [1, 0]])},
            vjp=net.embedding_backward,
        ),
        Fault("embedding_backward", "np.add.at(dW, idx, dout)", "dW[idx] += dout"),
        "W",
    ),
    Layer(
        NETWORK,
        "continuous_bag_of_words",
        lambda net: call(
            net.cbow_loss,
            at={
                "W_in": TABLE,
                "W_out": sample(3, 5),
                "context": np.array([[0, 2], [3, 3]]),
                "centre": np.array([1, 4]),
            },
            value_and_gradient=net.cbow_loss,
        ),
        Fault("cbow_loss", "dh / width", "dh"),
        "W_in",
    ),
    Layer(
        NETWORK,
        "skip_gram",
        lambda net: call(
            net.skip_gram_loss,
            at={
                "centre": sample(3),
                "outside": TABLE,
                "target": 1,
                "negatives": np.array([0, 3, 3]),
            },
            value_and_gradient=net.skip_gram_loss,
        ),
        Fault("skip_gram_loss", "u_k.T @ (1 - neg)", "u_k.T @ neg"),
        "centre",
    ),
    Layer(
        NETWORK,
        "glove",
        lambda net: call(
            net.glove_loss,
            at={
                "W": sample(4, 2),
                "V": sample(4, 2, seed=1),
                "b": sample(4),
                "c": sample(4, seed=1),
            },
            on={"pairs": PAIRS, "counts": np.array([3.0, 150.0, 20.0])},
            gradient=net.glove_gradient,
        ),
        Fault("glove_gradient", "np.add.at(dc, j, e)", "np.add.at(dc, i, e)"),
        "c",
    ),
    Layer(
        NETWORK,
        "bag_of_words",
        lambda net: call(
            net.bag_of_words,
            at={"W": TABLE, "offsets": np.array([0, 2, 5]), "ids": np.array([1, 2, 0, 0, 4])},
            vjp=net.bag_of_words_backward,
        ),
        Fault("bag_of_words_backward", " / (stop - start)", ""),
        "W",
    ),
    Layer(
        NETWORK,
        "tied_logits",
        lambda net: call(
            net.tied_logits, at={"W": TABLE, "h": sample(2, 3)}, vjp=net.tied_logits_backward
        ),
        Fault("tied_logits_backward", "scale * dout @ W", "dout @ W"),
        "h",
    ),
    Layer(
        NETWORK,
        "max_over_time",
        lambda net: call(
            net.max_over_time,
            at={"W": TABLE, "ids": np.array([[0, 2, 1], [4, 4, 3]])},
            vjp=net.max_over_time_backward,
        ),
        Fault("max_over_time_backward", "vectors.argmax(axis=1)", "vectors.argmin(axis=1)"),
        "W",
    ),
)
