# SPDX-License-Identifier: Apache-2.0
"""tfloat32, bfloat16 and float16 through the program."""

import h5py
import numpy as np
import pytest

from conftest import INPUTS

# Roundings of 2^-12 (bfloat16: 2^-9), magnified by five inner steps.
BARS = {"tfloat32": 3e-3, "float16": 3e-3, "bfloat16": 2e-2}


def meta_gradient(path):
    with h5py.File(path) as file:
        names = ["q_proj", "k_proj", "v_proj", "classifier_weight"]
        return {name: np.asarray(file["meta_gradient"][name], np.float64) for name in names}


@pytest.mark.parametrize("precision", BARS)
def test_a_deck_loses_what_its_type_loses(theria, precision):
    deck = INPUTS / "meta_gradient.yaml"
    exact = meta_gradient(theria.run_deck(deck, "exact.h5"))
    narrow = meta_gradient(theria.run_deck(deck, "narrow.h5", f"precision={precision}"))
    errors = [np.abs(narrow[name] - exact[name]).max() / np.abs(exact[name]).max() for name in exact]
    # More than float32 would lose: attention is really computed in the type.
    assert 1e-5 < max(errors) < BARS[precision]


def overflowing_vjp(theria):
    """d_v = sum over 8 rows of 60000/4 = 120000, beyond float16's 65504 and well within bfloat16."""
    with h5py.File(theria.folder / "in.h5", "w") as file:
        file["q"], file["k"] = np.zeros((1, 1, 8, 16)), np.zeros((1, 1, 4, 16))
        file["v"], file["d_o"] = np.ones((1, 1, 4, 16)), np.full((1, 1, 8, 16), 60000.0)
    return ["apply", "sdpa.vjp", "--input", "in.h5", "--output", "out.h5", "--backend", "openmp"]


def test_a_float16_overflow_is_counted_and_nothing_written(theria):
    done = theria(*overflowing_vjp(theria), "--precision", "float16")
    assert done.returncode == 1
    assert "64 of the 64 numbers of d_v are not finite: the inputs are too large for float16" in done.stderr
    assert theria.names() == ["in.h5"]


@pytest.mark.parametrize("precision", ["bfloat16", "tfloat32"])
def test_wider_ranges_hold_the_same(theria, precision):
    done = theria(*overflowing_vjp(theria), "--precision", precision)
    assert done.returncode == 0, done.stderr
    with h5py.File(theria.folder / "out.h5") as file:
        assert file.attrs["precision"] == precision
        assert np.asarray(file["d_v"]) == pytest.approx(120000, rel=2**-8)


@pytest.mark.parametrize("precision", BARS)
def test_outputs_are_numbers_of_the_type(theria, precision):
    random = np.random.default_rng(1)
    with h5py.File(theria.folder / "in.h5", "w") as file:
        for name in "qkv":
            file[name] = random.standard_normal((1, 2, 7, 16))
    done = theria("apply", "sdpa.forward", "--input", "in.h5", "--output", "out.h5", "--precision", precision)
    assert done.returncode == 0, done.stderr
    with h5py.File(theria.folder / "out.h5") as file:
        o = np.asarray(file["o"])
    assert o.dtype == np.float32
    kept = {"tfloat32": 23, "bfloat16": 7, "float16": 10}[precision]  # bits after the leading one
    dropped = o.view(np.uint32) & ((1 << (23 - kept)) - 1)
    assert not dropped.any()
