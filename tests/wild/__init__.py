"""Faulty and right derivatives written for this project, in the idioms of real numpy code.

Every case is our own; what is true of it was checked by differences and by hand.
"""

from __future__ import annotations

from . import (
    activations_right,
    activations_wrong,
    blocks_of_nets,
    geometry_wrong,
    layers_right,
    layers_wrong,
    numerics_cases,
    programs,
)
from .record import Wild

# Told of their points only: blind they take a second each.
_SLOW = """
branches by_entry by_entry_zero cached cached_relu masked_attention cholesky_factor
clipped_logits configured counts_size crf_ok crf_pairs delta_d2 dirichlet_ok expectile_g
heads_ok heron heron_half hmm_rows huber_h_tie huber_majorant huber_tie_c1 irls_hvp
kalman_gain least_squares_h lennard_jones_power lstm_ok lstm_tanh mape_g marginal_noise
marginal_ok multi_g newton_root pairwise_g pairwise_h pairwise_sign projected_depth
quantile_2 quantile_g quantile_tie residual_ok rnn_ok rotary_same runge_kutta
runge_kutta_euler scalar_math smoothing_once softmax_regression_h spectrum springs_direction
squared_hinge_g squared_hinge_h trace_power triplet_ok vanna vanna_sign variation_flat
vectorised
"""
SLOW = frozenset(_SLOW.split())


def all_cases() -> tuple[Wild, ...]:
    """Return every case; those that need scipy are left out where it is missing."""
    modules = [
        activations_right,
        activations_wrong,
        geometry_wrong,
        layers_right,
        layers_wrong,
        numerics_cases,
        blocks_of_nets,
        programs,
    ]
    found = [case for module in modules for case in module.CASES]
    try:
        from . import (
            boosting,
            likelihoods_wrong,
            losses_right,
            losses_wrong,
            models,
            second_orders,
            special_cases,
        )
    except ImportError:
        return tuple(found)
    more = (losses_wrong, likelihoods_wrong, losses_right, second_orders)
    for module in (*more, boosting, models, special_cases):
        found.extend(module.CASES)
    return tuple(found)
