# SPDX-License-Identifier: Apache-2.0
"""The stored values against two other witnesses: the closed formulas in NumPy's extended precision
(always), and the scripts that made them, run again on a few cases (where JAX is installed)."""

import importlib.util
import sys
from pathlib import Path

import h5py
import numpy as np
import pytest

FOLDER = Path(__file__).parent
sys.path.insert(0, str(FOLDER))

import meta_cases  # noqa: E402
import sdpa_cases  # noqa: E402

needs_jax = pytest.mark.skipif(
    importlib.util.find_spec("jax") is None, reason="JAX is not installed"
)
SDPA_NAMES = [f"case_{number:02d}" for number in range(1, len(sdpa_cases.CASES) + 1)]


def read(group):
    """All data sets of a group and of its subgroups, by path."""
    values = {}

    def keep(name, item):
        if isinstance(item, h5py.Dataset):
            values[name] = item[()]

    group.visititems(keep)
    return values


def error(value, expected):
    """The largest difference over the largest expected magnitude; infinities must match exactly."""
    value, expected = np.asarray(value), np.asarray(expected)
    assert value.shape == expected.shape
    finite = np.isfinite(expected)
    assert np.array_equal(value[~finite], expected[~finite])
    if not finite.any():
        return 0.0
    difference = np.abs(value[finite] - expected[finite])
    return np.max(difference) / max(np.max(np.abs(expected[finite])), 1e-300)


def by_formula(inputs, causal, scale):
    """Forward, VJP, JVP and HVP as theria documents them, in the precision of the inputs."""
    x, x_dot, d_o, d_o_dot, lengths = sdpa_cases.complete(inputs)
    q, k, v, q_dot, k_dot, v_dot = (a[n] for a in (x, x_dot) for n in ("q", "k", "v"))
    rows, keys = q.shape[2], k.shape[2]
    bias, bias_dot = x.get("bias", np.zeros((1, 1, rows, keys))), x_dot.get("bias", 0.0)
    seen = np.broadcast_to(bias > -np.inf, (*q.shape[:3], keys)).copy()
    if causal:
        seen &= np.arange(keys) <= np.arange(rows)[:, None] + keys - rows
    if lengths is not None:
        inside = np.arange(keys) < lengths[:, None]
        seen &= inside[:, None, None, :]
        k, v, k_dot, v_dot = (
            np.where(inside[:, None, :, None], a, 0.0) for a in (k, v, k_dot, v_dot)
        )
    transposed = lambda a: np.swapaxes(a, -1, -2)  # noqa: E731
    row_sum = lambda a: a.sum(axis=-1, keepdims=True)  # noqa: E731
    s = np.where(seen, scale * q @ transposed(k) + bias, -np.inf)
    peak = np.max(s, axis=-1, keepdims=True, initial=-np.inf)
    any_seen = seen.any(axis=-1, keepdims=True)
    p = np.exp(s - np.where(any_seen, peak, 0.0))
    total = np.where(any_seen, row_sum(p), 1.0)
    p = p / total
    lse = np.where(any_seen, peak + np.log(total), -np.inf)[..., 0]
    o = p @ v
    s_dot = np.where(
        seen, scale * (q_dot @ transposed(k) + q @ transposed(k_dot)) + bias_dot, 0.0
    )
    mu = row_sum(p * s_dot)
    p_dot = p * (s_dot - mu)
    o_dot = p_dot @ v + p @ v_dot
    d_p, delta = d_o @ transposed(v), row_sum(d_o * o)
    d_s = p * (d_p - delta)
    d_p_dot = d_o_dot @ transposed(v) + d_o @ transposed(v_dot)
    d_s_dot = p_dot * (d_p - delta) + p * (d_p_dot - row_sum(d_o_dot * o + d_o * o_dot))
    broadcast = tuple(axis for axis in (0, 1) if bias.shape[axis] == 1)
    return {
        "o": o,
        "lse": lse,
        "o_dot": o_dot,
        "lse_dot": mu[..., 0],
        "d_q": scale * d_s @ k,
        "d_k": scale * transposed(d_s) @ q,
        "d_v": transposed(p) @ d_o,
        "d_bias": d_s.sum(axis=broadcast, keepdims=True),
        "d_q_dot": scale * (d_s_dot @ k + d_s @ k_dot),
        "d_k_dot": scale * (transposed(d_s_dot) @ q + transposed(d_s) @ q_dot),
        "d_v_dot": transposed(p_dot) @ d_o + transposed(p) @ d_o_dot,
        "d_bias_dot": d_s_dot.sum(axis=broadcast, keepdims=True),
    }


@pytest.mark.parametrize("name", SDPA_NAMES)
def test_sdpa_agrees_with_the_formulas(name):
    with h5py.File(FOLDER / "sdpa.h5", "r") as file:
        group = file[name]
        inputs = {key: item[()] for key, item in group.items() if isinstance(item, h5py.Dataset)}
        expected = read(group["expected"])
        causal, scale = bool(group.attrs["causal"]), np.longdouble(group.attrs["scale"])
        accuracy = group.attrs["accuracy"]
    inputs = {
        key: value.astype(np.longdouble) if value.dtype.kind == "f" else value
        for key, value in inputs.items()
    }
    assert not any(np.isnan(value).any() for value in expected.values())
    ours = by_formula(inputs, causal, scale)
    operators = {key for key in expected if not key.startswith("jvp_vjp/")}
    assert operators == {key for key in ours if "bias" not in key or "bias" in inputs}
    for key in operators:
        assert error(ours[key], expected[key]) < accuracy, key

    # The adjoint of the JVP is the HVP with the two cotangents exchanged.
    _, _, d_o, d_o_dot, _ = sdpa_cases.complete(inputs)
    exchanged = by_formula({**inputs, "d_o": d_o_dot, "d_o_dot": d_o}, causal, scale)
    for key in (key for key in expected if key.startswith("jvp_vjp/")):
        short = key.removeprefix("jvp_vjp/")
        twin = short.removesuffix("_dot") if short.endswith("_dot") else f"{short}_dot"
        assert error(exchanged[twin], expected[key]) < accuracy, key


@pytest.mark.parametrize("name", [case.name for case in meta_cases.CASES])
def test_meta_gradients_are_finite_and_shaped_as_the_parameters(name):
    with h5py.File(FOLDER / "meta_gradient.h5", "r") as file:
        initial, gradient, adapted = (
            read(file[name][part])
            for part in ("parameters/initial", "meta_gradient", "parameters/adapted")
        )
    assert initial.keys() == gradient.keys()
    assert adapted.keys() == {key for key in initial if not key.startswith("rate_")}
    for key, value in initial.items():
        assert gradient[key].shape == value.shape
        if key in adapted:
            assert adapted[key].shape == (meta_cases.TASKS, *value.shape)
        assert np.isfinite(gradient[key]).all() and np.isfinite(adapted.get(key, 0)).all()


@needs_jax
@pytest.mark.parametrize("name", ["case_05", "case_12", "case_19"])
def test_sdpa_comes_out_again(name):
    import dense_sdpa

    case = sdpa_cases.CASES[int(name[-2:]) - 1]
    with h5py.File(FOLDER / "sdpa.h5", "r") as file:
        group = file[name]
        inputs = {key: item[()] for key, item in group.items() if isinstance(item, h5py.Dataset)}
        expected = read(group["expected"])
    again = dense_sdpa.derivatives(
        *sdpa_cases.complete(inputs), causal=case.causal, scale=case.scale_used
    )
    for key, value in expected.items():
        assert error(again[key], value) < 1e-13, key


@needs_jax
def test_operators_come_out_again():
    import small_operators

    with h5py.File(FOLDER / "operators.h5", "r") as file:
        for name, _, again in small_operators.make_cases():
            for key, value in read(file[name]["expected"]).items():
                assert error(again[key], value) < 1e-13, (name, key)


def case_named(name):
    return next(case for case in meta_cases.CASES if case.name == name)


@needs_jax
@pytest.mark.parametrize("name", ["full_1", "embedding_full_5", "adam_truncated_2_of_4", "implicit_5",
                                  "transformer_causal_momentum_truncated_2_of_4", "linear_quadratic_20"])
def test_meta_gradients_come_out_again(name):
    import meta_gradient

    with h5py.File(FOLDER / "meta_gradient.h5", "r") as file:
        group = file[name]
        theta, episodes = read(group["parameters/initial"]), read(group["episodes"])
        stored = [read(group[part]) for part in ("parameters/adapted", "meta_gradient", "losses")]
    again = meta_gradient.meta_results(theta, episodes, case_named(name))
    for values, expected in zip(again, stored, strict=True):
        for key, value in values.items():
            assert error(value, expected[key]) < 1e-12, key


@needs_jax
@pytest.mark.parametrize("name", ["full_5", "momentum_5", "adam_5", "embedding_head_momentum_4", "proximal_5",
                                  "transformer_5", "mlp_sinusoid_adam_3", "linear_attention_regression_5"])
def test_full_meta_gradient_agrees_with_a_difference_quotient(name):
    import meta_gradient

    with h5py.File(FOLDER / "meta_gradient.h5", "r") as file:
        group = file[name]
        theta, episodes = read(group["parameters/initial"]), read(group["episodes"])
        gradient = read(group["meta_gradient"])
    random = np.random.Generator(np.random.PCG64(3))
    direction = {key: random.standard_normal(value.shape) for key, value in theta.items()}

    def loss(step):
        moved = {key: theta[key] + step * direction[key] for key in theta}
        losses = []
        for task in range(meta_cases.TASKS):
            x_s, y_s, x_q, y_q = (
                episodes[name][task] for name in meta_gradient.parts_of(episodes)
            )
            adapted = meta_gradient.adapt(moved, x_s, y_s, case_named(name))
            losses.append(float(meta_gradient.loss_of(case_named(name), adapted, x_q, y_q)))
        return np.mean(losses)

    step = 1e-6  # truncation and rounding both below 1e-7 of the slope, through Adam too
    quotient = (loss(step) - loss(-step)) / (2 * step)
    product = sum(np.sum(gradient[key] * direction[key]) for key in theta)
    assert abs(quotient - product) < 1e-7 * abs(product)
