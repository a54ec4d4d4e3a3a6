# SPDX-License-Identifier: Apache-2.0
"""Dense scaled dot-product attention in JAX; its derivatives by automatic differentiation alone.

Only `sdpa` below is written by hand. Nothing here knows a derivative rule of attention, so the
values it gives are independent of theria's.

Shapes: q (b,h,i,d)  k (b,h,j,d)  v (b,h,j,e)  bias (b|1,h|1,i,j)  key_lengths (b).
Row i sees key j iff (not causal or j <= i + Tk - Tq) and j < key_lengths[b] and bias > -inf.
A row that sees no key has o = 0, lse = -inf and derivatives 0.
"""

import jax
import jax.numpy as jnp

jax.config.update("jax_enable_x64", True)

MASKED = -jnp.inf


def visible(q, k, bias, key_lengths, causal):
    """The keys each row sees, (b,h,i,j) with broadcast axes kept at 1."""
    rows, keys = q.shape[2], k.shape[2]
    seen = jnp.ones((1, 1, rows, keys), dtype=bool)
    if causal:
        i, j = jnp.arange(rows)[:, None], jnp.arange(keys)[None, :]
        seen = seen & (j <= i + keys - rows)
    if key_lengths is not None:
        seen = seen & (jnp.arange(keys) < key_lengths[:, None, None, None])
    if bias is not None:
        seen = seen & (bias > MASKED)
    return seen


def sdpa(inputs, key_lengths, causal, scale):
    """(o, lse). Every `where` is taken twice: once so that no masked number is ever computed with,
    once on the result. Otherwise autodiff multiplies a zero by an infinity."""
    q, k, v, bias = inputs["q"], inputs["k"], inputs["v"], inputs.get("bias")
    seen = visible(q, k, bias, key_lengths, causal)
    if key_lengths is not None:  # keys beyond the length may hold anything, NaN too
        valid = (jnp.arange(k.shape[2]) < key_lengths[:, None])[:, None, :, None]
        k, v = jnp.where(valid, k, 0.0), jnp.where(valid, v, 0.0)
    scores = scale * jnp.einsum("bhid,bhjd->bhij", q, k)
    if bias is not None:
        scores = scores + jnp.where(bias > MASKED, bias, 0.0)
    seen = jnp.broadcast_to(seen, scores.shape)
    row_seen = jnp.any(seen, axis=-1)
    peak = jnp.max(jnp.where(seen, scores, MASKED), axis=-1, initial=MASKED)
    # The result does not depend on the shift, so cutting its derivative changes nothing.
    peak = jax.lax.stop_gradient(jnp.where(row_seen, peak, 0.0))
    shifted = jnp.where(seen, scores - peak[..., None], 0.0)
    weights = jnp.where(seen, jnp.exp(shifted), 0.0)
    total = jnp.where(row_seen, jnp.sum(weights, axis=-1), 1.0)
    o = jnp.einsum("bhij,bhje->bhie", weights, v) / total[..., None]
    lse = jnp.where(row_seen, peak + jnp.log(total), MASKED)
    return o, lse


def derivatives(inputs, tangents, d_o, d_o_dot, key_lengths, causal, scale):
    """Every operator's outputs. `inputs` and `tangents` are dicts over q k v [bias]."""

    def attend(x):
        return sdpa(x, key_lengths, causal, scale)

    def output(x):
        return attend(x)[0]

    def cotangents(x, cotangent):
        return jax.vjp(output, x)[1](cotangent)[0]

    def jvp(x, x_dot):
        return jax.jvp(output, (x,), (x_dot,))

    (o, lse), (o_dot, lse_dot) = jax.jvp(attend, (inputs,), (tangents,))
    d_x, d_x_dot = jax.jvp(cotangents, (inputs, d_o), (tangents, d_o_dot))
    adjoint, adjoint_dot = jax.vjp(jvp, inputs, tangents)[1]((d_o, d_o_dot))
    results = {"o": o, "lse": lse, "o_dot": o_dot, "lse_dot": lse_dot}
    for name in inputs:
        results[f"d_{name}"] = d_x[name]
        results[f"d_{name}_dot"] = d_x_dot[name]
        results[f"jvp_vjp/d_{name}"] = adjoint[name]
        results[f"jvp_vjp/d_{name}_dot"] = adjoint_dot[name]
    return results
