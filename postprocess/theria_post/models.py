# SPDX-License-Identifier: Apache-2.0
"""The models of theria in JAX, and their losses. A model gives (sequence, output) for x (sequence, token, feature)."""

import jax
import jax.numpy as jnp
import numpy as np


def _attend(model, query, key, value):
    """Heads last but one: query (s,i,h,d), key and value (s,j,h,d)."""
    depth, keys = query.shape[-1], key.shape[1]
    scores = jnp.einsum("sihd,sjhd->shij", query, key) / np.sqrt(depth).astype(query.dtype)
    if model.attention == "linear":
        return jnp.einsum("shij,sjhd->sihd", scores / keys, value)
    if model.causal:
        scores = jnp.where(np.tri(query.shape[1], keys, dtype=bool), scores, -jnp.inf)
    return jnp.einsum("shij,sjhd->sihd", jax.nn.softmax(scores), value)


def _normalised(x, gain, bias):
    centred = x - jnp.mean(x, axis=-1, keepdims=True)
    return gain * centred * jax.lax.rsqrt(jnp.mean(centred**2, axis=-1, keepdims=True) + 1e-5) + bias


def _tiny_attention(model, theta, x):
    hidden = x @ theta["embedding"].T if "embedding" in theta else x
    query, key, value = (
        (tokens @ theta[name].T)[:, :, None]
        for tokens, name in ((hidden[:, :1], "q_proj"), (hidden, "k_proj"), (hidden, "v_proj"))
    )
    output = _attend(model, query, key, value)[:, 0, 0]
    return output @ theta["classifier_weight"].T + theta["classifier_bias"]


def _transformer(model, theta, x):
    hidden = x @ theta["embedding"].T + theta["positions"]
    by_heads = (*hidden.shape[:2], model.heads, model.width // model.heads)
    for number in range(model.layers):
        start = f"block{number}_"
        block = {name.removeprefix(start): value for name, value in theta.items() if name.startswith(start)}
        normal = _normalised(hidden, block["norm1_gain"], block["norm1_bias"])
        parts = [(normal @ block[name].T).reshape(by_heads) for name in ("q_proj", "k_proj", "v_proj")]
        hidden = hidden + _attend(model, *parts).reshape(hidden.shape) @ block["o_proj"].T
        normal = _normalised(hidden, block["norm2_gain"], block["norm2_bias"])
        up = jax.nn.gelu(normal @ block["up_weight"].T + block["up_bias"], approximate=False)
        hidden = hidden + up @ block["down_weight"].T + block["down_bias"]
    hidden = _normalised(hidden, theta["norm_gain"], theta["norm_bias"])
    if model.readout == "mean":
        read = jnp.mean(hidden, axis=1)
    else:
        read = hidden[:, 0 if model.readout == "first" else -1]
    return read @ theta["head_weight"].T + theta["head_bias"]


def _mlp(model, theta, x):
    hidden = x.reshape(len(x), -1)
    for number in range(model.layers):
        hidden = hidden @ theta[f"layer{number}_weight"].T + theta[f"layer{number}_bias"]
        hidden = jax.nn.gelu(hidden, approximate=False)
    return hidden @ theta["head_weight"].T + theta["head_bias"]


def _linear(model, theta, x):
    return x.reshape(len(x), -1) @ theta["weight"].T


_FORWARD = {"tiny_attention": _tiny_attention, "transformer": _transformer, "mlp": _mlp, "linear": _linear}


def loss(model, theta, x, y):
    """Mean cross entropy of labels y (sequence), or mean squared error of targets y (sequence, output)."""
    out = _FORWARD[model.kind](model, theta, x)
    if y.ndim == 2:
        return jnp.mean(jnp.sum((out - y) ** 2, axis=1))
    return -jnp.mean(jnp.take_along_axis(jax.nn.log_softmax(out), y[:, None], axis=1))
