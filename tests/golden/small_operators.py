# SPDX-License-Identifier: Apache-2.0
"""The small operators in JAX and their derivatives, each with a leading task axis n.

    linear         y = x weight^T + bias
                   x (n,r,in)  weight (n,out,in)  bias (n,out)  y (n,r,out)
    cross_entropy  loss = mean over r of (log sum_c exp logits - logits[label])
                   logits (n,r,c)  label (n,r)  loss (n)
    squared_error  loss = mean over r of sum_c (y - target)^2
                   y, target (n,r,c)  loss (n)
    gelu           y = x Phi(x), exact                              x, y (n,r,c)
    layer_norm     y = gain (x - mean_c) / sqrt(variance_c + 1e-5) + bias
                   x, y (n,r,c)  gain, bias (n,c)
    linear_attention  o_i = sum_j (q_i.k_j) v_j / (keys sqrt(d))
                   q (b,h,i,d)  k (b,h,j,d)  v (b,h,j,e)  o (b,h,i,e)
"""

import jax
import jax.numpy as jnp
import numpy as np

jax.config.update("jax_enable_x64", True)


def linear(inputs):
    product = jnp.einsum("nri,noi->nro", inputs["x"], inputs["weight"])
    return product + inputs["bias"][:, None, :]


def cross_entropy(inputs, labels):
    log_p = jax.nn.log_softmax(inputs["logits"])
    return -jnp.mean(jnp.take_along_axis(log_p, labels[..., None], axis=-1)[..., 0], axis=-1)


def squared_error(inputs, target):
    return jnp.mean(jnp.sum(jnp.square(inputs["y"] - target), axis=-1), axis=-1)


def gelu(inputs):
    return jax.nn.gelu(inputs["x"], approximate=False)


def layer_norm(inputs):
    x = inputs["x"]
    mean = x.mean(axis=-1, keepdims=True)
    variance = jnp.square(x - mean).mean(axis=-1, keepdims=True)
    normal = (x - mean) / jnp.sqrt(variance + 1e-5)
    return inputs["gain"][:, None, :] * normal + inputs["bias"][:, None, :]


def linear_attention(inputs):
    q, k, v = inputs["q"], inputs["k"], inputs["v"]
    scores = jnp.einsum("bhid,bhjd->bhij", q, k) / (k.shape[2] * jnp.sqrt(k.shape[3]))
    return jnp.einsum("bhij,bhje->bhie", scores, v)


def derivatives(function, output, inputs, tangents, cotangent, cotangent_dot):
    """Forward, VJP, JVP and HVP (the VJP's tangent, that of the cotangent included)."""

    def cotangents(x, c):
        return jax.vjp(function, x)[1](c)[0]

    value, value_dot = jax.jvp(function, (inputs,), (tangents,))
    d_x, d_x_dot = jax.jvp(cotangents, (inputs, cotangent), (tangents, cotangent_dot))
    results = {output: value, f"{output}_dot": value_dot}
    for name in inputs:
        results[f"d_{name}"] = d_x[name]
        results[f"d_{name}_dot"] = d_x_dot[name]
    return results


def make_cases():
    """(name, inputs as stored, results) of each case."""
    random = np.random.Generator(np.random.PCG64(7001))

    def normal(*shape):
        return np.round(random.standard_normal(shape) * 1024.0) / 1024.0

    x = {"x": normal(2, 5, 4), "weight": normal(2, 3, 4), "bias": normal(2, 3)}
    x_dot = {name: normal(*value.shape) for name, value in x.items()}
    d_y, d_y_dot = normal(2, 5, 3), normal(2, 5, 3)
    stored = {**x, **{f"{name}_dot": value for name, value in x_dot.items()}}
    stored.update(d_y=d_y, d_y_dot=d_y_dot)
    yield "linear", stored, derivatives(linear, "y", x, x_dot, d_y, d_y_dot)

    for name, factor in (("cross_entropy", 1.0), ("cross_entropy_large_logits", 64.0)):
        x, x_dot = {"logits": factor * normal(3, 6, 4)}, {"logits": normal(3, 6, 4)}
        labels = random.integers(0, 4, (3, 6)).astype(np.int32)
        d_loss, d_loss_dot = normal(3), normal(3)
        stored = {"logits": x["logits"], "logits_dot": x_dot["logits"], "labels": labels}
        stored.update(d_loss=d_loss, d_loss_dot=d_loss_dot)
        yield name, stored, derivatives(
            lambda inputs, labels=labels: cross_entropy(inputs, labels),
            "loss", x, x_dot, d_loss, d_loss_dot,
        )

    x, x_dot = {"y": normal(3, 6, 2)}, {"y": normal(3, 6, 2)}
    target, d_loss, d_loss_dot = normal(3, 6, 2), normal(3), normal(3)
    stored = {"y": x["y"], "y_dot": x_dot["y"], "target": target}
    stored.update(d_loss=d_loss, d_loss_dot=d_loss_dot)
    yield "squared_error", stored, derivatives(
        lambda inputs: squared_error(inputs, target), "loss", x, x_dot, d_loss, d_loss_dot
    )

    smooth = (
        ("gelu", gelu, "y", {"x": 4.0 * normal(2, 5, 7)}),
        ("layer_norm", layer_norm, "y", {"x": normal(2, 5, 7), "gain": normal(2, 7), "bias": normal(2, 7)}),
        ("linear_attention", linear_attention, "o",
         {"q": normal(2, 3, 4, 5), "k": normal(2, 3, 6, 5), "v": normal(2, 3, 6, 2)}),
    )
    for name, function, output, x in smooth:
        x_dot = {key: normal(*value.shape) for key, value in x.items()}
        shape = function(x).shape
        d, d_dot = normal(*shape), normal(*shape)
        stored = {**x, **{f"{key}_dot": value for key, value in x_dot.items()}}
        stored.update({f"d_{output}": d, f"d_{output}_dot": d_dot})
        yield name, stored, derivatives(function, output, x, x_dot, d, d_dot)
