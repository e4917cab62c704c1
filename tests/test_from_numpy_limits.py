"""What the lift leaves as it found it, and what it says where it cannot go on."""

from __future__ import annotations

import builtins
import functools
import math
from math import exp

import numpy as np
import pytest
from numpy import array, float32, zeros

from verifier.errors import CannotLower
from verifier.frontends.from_numpy import lift

from .lifting import agree, nodes_in

X = np.array([0.7, -0.4, 1.9, 0.2])
SQUARE = np.array([[2.0, 0.3], [0.3, 1.5]])
OUTSIDE = np.zeros(4)
FOURIER = np.fft.fft  # numpy loads this part of itself when it is first named


# ---------------------------------------------------------------- restoration
def _names():
    seen = {f"{m.__name__}.{k}": v for m in (np, math) for k, v in vars(m).items()}
    seen |= {f"own.{k}": v for k, v in globals().items() if not k.startswith("_")}
    seen["import"], seen["vectorize"] = builtins.__import__, np.vectorize.__call__
    return seen


def _unchanged(before):
    after = _names()
    return before.keys() == after.keys() and all(before[k] is after[k] for k in before)


def test_every_name_is_restored():
    before = _names()
    lift(lambda d: (zeros(4) + d["x"] * exp(d["x"][0]), array([d["x"][0]]), float32(1)), {"x": X})
    assert _unchanged(before)


def test_every_name_is_restored_after_an_exception():
    before = _names()

    def fails(d):
        np.zeros(3)[0] = d["x"][0]
        raise KeyError("mine")

    with pytest.raises(KeyError, match="mine"):
        lift(fails, {"x": X})
    with pytest.raises(CannotLower):
        lift(lambda d: FOURIER(d["x"]), {"x": X})
    assert _unchanged(before)


def test_imported_names_and_imports_inside_functions_are_met():
    def program(d):
        import math as m

        import numpy as local

        out = local.zeros(4)
        out[0] = d["x"][0] * m.exp(d["x"][1])
        more = zeros(2)
        more[1] = exp(d["x"][2])
        return out, more, array([d["x"][0], 1.0])

    assert len(nodes_in(agree(program, {"x": X}, {"x": X + 0.1}).output)) == 3


def test_after_the_lift_what_was_kept_is_plain_numbers():
    kept = {}

    def program(d):
        kept["x"], kept["buffer"] = d["x"], np.zeros(3)
        return d["x"] * 2

    lift(program, {"x": X})
    assert type(kept["x"] * 2) is np.ndarray and type(np.tanh(kept["x"])) is np.ndarray
    assert type(np.sum(kept["x"], axis=0)) is np.float64 and bool(kept["x"][0] > 0)
    assert np.array_equal(np.asarray(kept["x"]), X)
    kept["buffer"][0] = 1.0
    again = lift(lambda d: d["x"] + kept["x"], {"x": X})
    assert again.output.inputs[1].op == "constant"
    agree(lambda d: kept["x"] * np.tanh(d["x"]), {"x": X}, {"x": X + 1})
    agree(lambda d: np.where(kept["x"] > 0, d["x"], 0), {"x": X}, {"x": X + 1})
    agree(lambda d: np.concatenate([kept["x"], d["x"]]), {"x": X}, {"x": X + 1})


def test_compiled_code_never_meets_a_stand_in():
    def program(d):
        rng = np.random.RandomState(3)
        mask = (rng.rand(*d["x"].shape) < 0.5) / 0.5
        noise = np.random.default_rng(0).standard_normal(4, dtype=np.float32)
        return d["x"] * mask + noise

    agree(program, {"x": X}, {"x": X + 1})


def test_types_still_answer_as_themselves():
    def program(d):
        x = d["x"]
        assert isinstance(x, np.ndarray) and isinstance(x[0], np.float64)
        assert isinstance(x[0], float) and isinstance(1.5, float) and not isinstance(1, float)
        assert isinstance(np.zeros(2), np.ndarray) and np.zeros(2, dtype=float).dtype == float
        assert np.arange(3).astype(float).dtype == np.float64 and float("1.5") == 1.5
        assert np.float32(1).dtype == np.float32 and np.dtype(np.float32).itemsize == 4
        assert np.issubdtype(x.dtype, np.float64) and np.finfo(np.float32).eps > 1e-8
        assert np.ones(3, np.float32).dtype == "float32" and float.fromhex("0x1p0") == 1.0
        assert x.shape == (4,) and x.ndim == 1 and x.size == 4 and x.nbytes == 32
        assert x.dtype.type in (np.float32, np.float64) and np.isscalar(x[0])
        return x

    lift(program, {"x": X})


# ---------------------------------------------------------------- what is refused
def _into_outside(x):
    OUTSIDE[0] = x[0]


REFUSED = {
    "outside": (_into_outside, "handed to compiled code", "np.zeros"),
    "unique": (lambda x: np.unique(x), "np.unique", "outside the function"),
    "cholesky": (
        lambda x: np.linalg.cholesky(np.stack([np.outer(x, x) + np.eye(4)] * 2)),
        "cholesky", "one matrix",
    ),
    "qr": (lambda x: np.linalg.qr(np.outer(x, x) + np.eye(4)), "np.linalg.qr", "solve"),
    "svd": (lambda x: np.linalg.svd(x[:, None]), "np.linalg.svd", "full_matrices=False"),
    "pinv": (lambda x: np.linalg.pinv(np.outer(x, x)), "np.linalg.pinv", "np.linalg.solve"),
    "fft": (lambda x: np.fft.fft(x), "np.fft", ""),
    "complex": (lambda x: x * 1j, "complex", "real arithmetic"),
    "where": (lambda x: np.exp(x, where=x > 0), "where=", "np.where"),
    "norm": (lambda x: np.linalg.norm(np.outer(x, x), 2), "ord=2", "Frobenius"),
    "padmode": (lambda x: np.pad(x, 1, "mean"), "mode='mean'", "border"),
    "view": (lambda x: x.view("int64"), "ndarray.view", "astype"),
    "tobytes": (lambda x: x.tobytes(), "ndarray.tobytes", "values"),
    "setshape": (lambda x: setattr(x, "shape", (2, 2)), "x.shape", "reshape"),
    "sample": (lambda x: np.random.normal(x[0], 1.0), "compiled code", "opaque=True"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_lifted_says_what_where_and_what_to_do(name):
    function, message, hint = REFUSED[name]
    with pytest.raises(CannotLower) as caught:
        lift(lambda d: function(d["x"]), {"x": X})
    error = caught.value
    assert message in error.message and hint in error.hint and error.hint
    assert error.where is not None and error.where.file == __file__ and error.where.line > 0
    assert error.slug


def test_errors_of_the_program_pass_unchanged():
    with pytest.raises(ValueError, match="matmul"):
        lift(lambda d: d["x"] @ np.ones(3), {"x": X})
    with pytest.raises(IndexError):
        lift(lambda d: d["x"][9], {"x": X})
    with pytest.raises(IndexError, match="scalar"):
        lift(lambda d: d["x"][0][0], {"x": X})


def test_a_value_that_is_only_shown_is_not_pinned():
    lifted = lift(lambda d: (d["x"].sum(), "%.3f" % d["x"][0], f"{d['x'][0]:.2f}"), {"x": X})  # noqa: UP031
    assert not lifted.pinned and lifted.value[1:] == ("0.700", "0.70")


# ---------------------------------------------------------------- buffers from outside
class Accumulating:
    """A layer whose gradient buffer is made before the lift."""

    def __init__(self):
        self.dW = np.zeros(4)

    def backward(self, dout):
        self.dW += dout * 2
        np.add.at(self.dW, [0, 0], dout[:2])
        return self.dW * 3, self.dW


def test_a_buffer_made_outside_is_followed_through_in_place_ufuncs():
    agree(lambda d: Accumulating().backward(d["x"]), {"x": X}, {"x": X + 1})
    layer = Accumulating()

    def program(d):
        layer.dW = np.asarray([0.0, 0.0, 0.0, 0.0])
        return layer.backward(d["x"])

    agree(program, {"x": X}, {"x": X + 1})


def test_data_may_be_given_as_buffers():
    def program(d):
        d["work"][0] = d["x"][0]
        return d["work"] * 2

    work = np.ones(4)
    lifted = lift(program, {"x": X}, data={"work": work})
    assert nodes_in([lifted.output]) and np.array_equal(work, np.ones(4))


def test_partial_functions_and_objects_are_reached():
    class Model:
        def __call__(self, scale, d):
            out = zeros(4)
            out[...] = d["x"] * scale
            return out

    agree(functools.partial(Model(), 3.0), {"x": X}, {"x": X + 1})


def test_nothing_is_lifted_from_what_depends_on_no_leaf():
    def program(d):
        table = np.linspace(0, 1, 4)
        table = np.sort(np.unique(table * 2))
        return d["x"] * table + np.linalg.cholesky(SQUARE)[0, 0] + np.fft.fft(table).real

    agree(program, {"x": X}, {"x": X + 1})
