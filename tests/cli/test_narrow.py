# SPDX-License-Identifier: Apache-2.0
"""tfloat32, bfloat16 and float16 through the program."""

import h5py
import numpy as np
import pytest

from conftest import INPUTS

# Roundings of 2^-12 (bfloat16: 2^-9), magnified by five inner steps.
BARS = {"tfloat32": 3e-3, "float16": 3e-3, "bfloat16": 2e-2}
# What is in the type: attention, or the tasks' inputs.
ENGINES = [("tfloat32", "general"), ("float16", "general"), ("bfloat16", "general"),
           ("tfloat32", "episode"), ("bfloat16", "episode")]


def meta_gradient(path):
    with h5py.File(path) as file:
        names = ["q_proj", "k_proj", "v_proj", "classifier_weight"]
        return {name: np.asarray(file["meta_gradient"][name], np.float64) for name in names}


def errors_of(given, wanted):
    return [np.abs(given[name] - wanted[name]).max() / np.abs(wanted[name]).max() for name in wanted]


@pytest.mark.parametrize("precision, engine", ENGINES)
def test_a_deck_loses_what_its_type_loses(theria, precision, engine):
    deck = INPUTS / "meta_gradient.yaml"
    exact = meta_gradient(theria.run_deck(deck, "exact.h5"))
    narrow = meta_gradient(theria.run_deck(deck, "narrow.h5", f"precision={precision}", f"meta.engine={engine}"))
    # More than float32 would lose: attention, or the inputs, are really in the type.
    assert 1e-5 < max(errors_of(narrow, exact)) < BARS[precision]


@pytest.mark.parametrize("precision", ["tfloat32", "bfloat16"])
def test_a_record_of_rounded_inputs_holds_what_was_computed_on(theria, precision):
    """Read back as a file of episodes, in float32 and in the type, it gives the same meta-gradient, in any batch."""
    path = theria.run_deck(INPUTS / "meta_gradient.yaml", "narrow.h5", f"precision={precision}")
    with h5py.File(path) as file:
        x = np.asarray(file["episodes/x_support"])
    assert x.dtype == np.float32
    kept = {"tfloat32": 10, "bfloat16": 7}[precision]  # bits after the leading one
    assert not (x.view(np.uint32) & ((1 << (23 - kept)) - 1)).any()
    (theria.folder / "again.yaml").write_text(
        "output: {record: true}\nouter: {steps: 0}\ntask: {kind: file, file: narrow.h5}\n"
        "inner: {steps: 5, rate: 0.4}\nmeta: {tasks: 4, engine: episode}\n")
    again = [meta_gradient(theria.run_deck(theria.folder / "again.yaml", f"again{n}.h5", *settings))
             for n, settings in enumerate([[f"precision={precision}"], [f"precision={precision}", "meta.batch=3"],
                                           ["precision=float32"]])]
    for other in again[1:]:
        for name, value in again[0].items():
            assert value.tobytes() == other[name].tobytes(), name


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
