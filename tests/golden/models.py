# SPDX-License-Identifier: Apache-2.0
"""Every model of theria in JAX, as its plain forward pass, and its two losses.

A model is a function of (case, theta, x) with x (sequence, token, feature) and what it gives (sequence, output). The
case says which: model, heads, causal, attention, readout.
"""

import jax
import jax.numpy as jnp

jax.config.update("jax_enable_x64", True)


def attention(case, q, k, v):
    """q (s,i,h,d)  k, v (s,j,h,d)  ->  (s,i,h,d)"""
    scores = jnp.einsum("sihd,sjhd->shij", q, k) / jnp.sqrt(q.shape[-1])
    if case.attention == "linear":
        return jnp.einsum("shij,sjhd->sihd", scores / k.shape[1], v)
    if case.causal:
        seen = jnp.arange(k.shape[1]) <= jnp.arange(q.shape[1])[:, None]
        scores = jnp.where(seen, scores, -jnp.inf)
    return jnp.einsum("shij,sjhd->sihd", jax.nn.softmax(scores), v)


def tiny_attention(case, theta, x):
    hidden = x @ theta["embedding"].T if "embedding" in theta else x
    one_head = lambda rows: rows[:, :, None, :]  # noqa: E731
    q = one_head(hidden[:, :1] @ theta["q_proj"].T)
    k = one_head(hidden @ theta["k_proj"].T)
    v = one_head(hidden @ theta["v_proj"].T)
    o = attention(case, q, k, v)[:, 0, 0]
    return o @ theta["classifier_weight"].T + theta["classifier_bias"]


def layer_norm(x, gain, bias):
    mean = x.mean(axis=-1, keepdims=True)
    variance = jnp.square(x - mean).mean(axis=-1, keepdims=True)
    return gain * (x - mean) / jnp.sqrt(variance + 1e-5) + bias


def transformer(case, theta, x):
    h = x @ theta["embedding"].T + theta["positions"]
    for block in range(case.layers):
        part = lambda name, block=block: theta[f"block{block}_{name}"]  # noqa: E731
        heads = lambda rows: rows.reshape(*rows.shape[:2], case.heads, -1)  # noqa: E731
        a = layer_norm(h, part("norm1_gain"), part("norm1_bias"))
        q, k, v = (heads(a @ part(f"{name}_proj").T) for name in "qkv")
        h = h + attention(case, q, k, v).reshape(h.shape) @ part("o_proj").T
        a = layer_norm(h, part("norm2_gain"), part("norm2_bias"))
        a = jax.nn.gelu(a @ part("up_weight").T + part("up_bias"), approximate=False)
        h = h + a @ part("down_weight").T + part("down_bias")
    h = layer_norm(h, theta["norm_gain"], theta["norm_bias"])
    read = {"first": h[:, 0], "last": h[:, -1], "mean": h.mean(axis=1)}[case.readout]
    return read @ theta["head_weight"].T + theta["head_bias"]


def mlp(case, theta, x):
    h = x.reshape(len(x), -1)
    for layer in range(case.layers):
        h = h @ theta[f"layer{layer}_weight"].T + theta[f"layer{layer}_bias"]
        h = jax.nn.gelu(h, approximate=False)
    return h @ theta["head_weight"].T + theta["head_bias"]


def linear(case, theta, x):
    return x.reshape(len(x), -1) @ theta["weight"].T


MODELS = {"tiny_attention": tiny_attention, "transformer": transformer, "mlp": mlp, "linear": linear}


def outputs_of(case, theta, x):
    return MODELS[case.model](case, theta, x)


def loss_of(case, theta, x, y):
    """Mean cross entropy of labels y (sequence), mean squared error of targets y (sequence, output)."""
    out = outputs_of(case, theta, x)
    if y.ndim == 2:
        return jnp.mean(jnp.sum(jnp.square(out - y), axis=1))
    return -jnp.mean(jnp.take_along_axis(jax.nn.log_softmax(out), y[:, None], axis=1))


def accuracy_of(case, theta, x, y):
    hits = jnp.argmax(outputs_of(case, theta, x), axis=1) == y
    return jnp.mean(hits.astype(jnp.float64))


def is_head(name):
    """Whether a parameter adapts in ANIL."""
    return name.startswith(("classifier", "head")) or name == "weight"
