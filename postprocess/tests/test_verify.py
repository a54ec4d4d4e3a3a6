# SPDX-License-Identifier: Apache-2.0
"""verify accepts right numbers, in float64 and float32, and refuses wrong ones."""

import importlib.util

import h5py
import numpy as np
import pytest
from fabricate import new_result
from theria_post import verify
from theria_post.cli import main

needs_jax = pytest.mark.skipif(
    importlib.util.find_spec("jax") is None, reason="JAX is not installed"
)
CASES = ["full_0", "full_20", "first_order_5", "embedding_full_5", "truncated_2_of_5", "momentum_truncated_2_of_4",
         "adam_5", "embedding_head_momentum_4", "proximal_momentum_truncated_2_of_4", "learned_rates_first_order_3",
         "learned_rates_proximal_truncated_3_of_5", "transformer_5", "transformer_linear_head_3",
         "transformer_causal_momentum_truncated_2_of_4", "linear_attention_regression_5", "mlp_sinusoid_adam_3",
         "linear_quadratic_20"]


def change(path, name, function):
    with h5py.File(path, "a") as file:
        file[name][...] = function(file[name][...])


@needs_jax
@pytest.mark.parametrize("case", CASES)
def test_right_in_float64(case, recorded, capsys):
    assert main(["verify", str(recorded(case))]) == 0
    said = capsys.readouterr().out
    assert "MISMATCH" not in said and "all agree" in said


@needs_jax
@pytest.mark.parametrize("case", CASES)
def test_right_to_float32(case, recorded):
    assert main(["verify", str(recorded(case, "float32"))]) == 0


@needs_jax
@pytest.mark.parametrize(
    ("name", "function"),
    [
        ("meta_gradient/q_proj", lambda g: g * (1.0 + 1e-9)),
        ("meta_gradient/classifier_bias", lambda g: g[::-1]),
        ("meta_gradient/v_proj", lambda g: g * np.nan),
        ("parameters/adapted/k_proj", lambda p: p + 1e-9),
        ("losses/query_loss", lambda loss: loss + 1e-9),
        ("parameters/initial/q_proj", lambda p: p + 1e-6),
    ],
)
def test_wrong_in_float64(name, function, recorded, capsys):
    path = recorded()
    change(path, name, function)
    assert main(["verify", str(path)]) == 1
    assert "MISMATCH" in capsys.readouterr().out


@needs_jax
def test_wrong_in_float32(recorded):
    path = recorded("full_5", "float32")
    change(path, "meta_gradient/q_proj", lambda g: g * np.float32(1.0001))
    assert main(["verify", str(path)]) == 1


@needs_jax
def test_first_order_is_not_taken_for_full(recorded):
    path = recorded("full_5", "float32")
    with h5py.File(path, "a") as file, h5py.File(recorded("first_order_5", "float32")) as other:
        for name, values in other["meta_gradient"].items():
            if name in file["parameters/initial"] and not h5py.h5ds.is_scale(values.id):
                file["meta_gradient"][name][...] = values[...]
    assert main(["verify", str(path)]) == 1


@needs_jax
def test_tasks_that_diverged_are_left_out(recorded):
    path = recorded("linear_quadratic_20")
    with h5py.File(path, "a") as file:
        for name in ("query_loss", "support_loss"):
            file["losses"][name][1] = np.nan
    assert main(["verify", str(path)]) == 1  # the stored mean is of all three
    with h5py.File(path, "a") as file:
        adapted, episodes = file["parameters/adapted/weight"][...], file["episodes"]
        mean = np.zeros(adapted.shape[1:])
        for task in (0, 2):  # its closed form: (I - rate H)^20 times the query gradient
            x, y = episodes["x_query"][task][:, 0], episodes["target_query"][task][:, 0]
            gradient = 2 * x.T @ (x @ adapted[task, 0] - y) / len(y)
            support = episodes["x_support"][task][:, 0]
            step = np.eye(support.shape[1]) - 0.05 * 2 * support.T @ support / len(support)
            mean[0] += np.linalg.matrix_power(step, 20) @ gradient / 2
        file["meta_gradient/weight"][...] = mean
    assert main(["verify", str(path)]) == 0


def test_nothing_recorded(bare, capsys):
    assert main(["verify", str(bare)]) == 2
    assert "output.record=true" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("precision", "engine", "bounds"),
    [("bfloat16", "episode", "float32"), ("tfloat32", "episode", "float32"),
     ("bfloat16", "general", "bfloat16"), ("float64", "episode", "float64")],
)
def test_rounded_inputs_are_held_to_the_bounds_of_float32(precision, engine, bounds):
    assert verify._bounds_as(precision, engine) == bounds


def test_precision_without_a_bound(tmp_path, capsys):
    path = tmp_path / "quarter.h5"
    new_result(path, precision="float8").close()
    assert main(["verify", str(path)]) == 2
    assert "no bound for precision float8" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (lambda file: file["meta_gradient"].pop("q_proj"), "/meta_gradient has no q_proj"),
        (lambda file: file["episodes"].pop("y_query"), "/episodes has no y_query"),
        (lambda file: file["episodes/y_query"].write_direct(np.full((3, 6), 9, np.int32)),
         "label outside 0 to 2"),
    ],
)
def test_a_record_with_a_part_missing(spoil, reason, recorded, capsys):
    path = recorded()
    with h5py.File(path, "a") as file:
        spoil(file)
    assert main(["verify", str(path)]) == 2
    assert reason in capsys.readouterr().err


def test_without_jax(recorded, run, tmp_path):
    blocked = tmp_path / "jax.py"
    blocked.write_text("raise ImportError('blocked by a test')\n")
    from conftest import PACKAGE

    said = run("verify", recorded(), environment={"PYTHONPATH": f"{tmp_path}:{PACKAGE}"})
    assert said.returncode == 2
    assert "pip install" in said.stderr and "Traceback" not in said.stderr
