"""Example c: the sigmoid's second derivative, as somebody typed it in R after `e = 2.718`.

    (-e^-x) (1 + e^-x)^-2  +  (e^-x) (-2 (1 + e^-x)^-3 (-e^-x))

The formula is right. The constant is Euler's number cut after three decimals, so the result keeps
about four digits: too few, and too many for a test with a tolerance of 1e-3 to notice.
"""

import numpy as np


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


e = 2.718


def curvature_as_typed(x):
    return (-(e**-x)) * (1 + e**-x) ** -2 + (e**-x) * (-2 * (1 + e**-x) ** -3 * (-(e**-x)))


def curvature(x):
    q = np.exp(-x)
    return -q * (1 + q) ** -2 + q * (-2 * (1 + q) ** -3 * -q)
