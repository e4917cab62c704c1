"""Thirteen networks written by hand in numpy, one style each, and a planted fault a layer."""

from __future__ import annotations

from . import (
    boosting,
    functional_cnn,
    gated,
    gaussian_process,
    im2col_cnn,
    metric_losses,
    normalization,
    recurrent,
    scalar_math,
    stateful_mlp,
    transformer,
    vae,
    word_vectors,
)
from .planting import Layer

NETWORKS: dict[str, tuple[Layer, ...]] = {
    "functional_cnn": functional_cnn.LAYERS,
    "stateful_mlp": stateful_mlp.LAYERS,
    "im2col_cnn": im2col_cnn.LAYERS,
    "recurrent": recurrent.LAYERS,
    "transformer": transformer.LAYERS,
    "scalar_math": scalar_math.LAYERS,
    "normalization": normalization.LAYERS,
    "word_vectors": word_vectors.LAYERS,
    "boosting": boosting.LAYERS,
    "vae": vae.LAYERS,
    "gated": gated.LAYERS,
    "gaussian_process": gaussian_process.LAYERS,
    "metric_losses": metric_losses.LAYERS,
}
LAYERS: tuple[Layer, ...] = tuple(layer for layers in NETWORKS.values() for layer in layers)
