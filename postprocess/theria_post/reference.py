# SPDX-License-Identifier: Apache-2.0
"""TinyAttention and its meta-gradient in JAX, by automatic differentiation. Needs JAX.

    h = x, or x embedding^T where there is an embedding      x (sequence, token, feature)
    q = h[:,0] q_proj^T     k = h k_proj^T     v = h v_proj^T
    logits = (softmax(q.k / sqrt(width)) v) classifier_weight^T + classifier_bias
    loss = mean cross entropy over the sequences
"""

import os
from functools import partial

os.environ.setdefault("JAX_PLATFORMS", "cpu")

import jax  # noqa: E402
import jax.numpy as jnp  # noqa: E402
import numpy as np  # noqa: E402

jax.config.update("jax_enable_x64", True)

MODES = ("full", "first_order", "first_order_strict")


def loss(theta, x, y):
    hidden = x @ theta["embedding"].T if "embedding" in theta else x
    query = hidden[:, 0] @ theta["q_proj"].T  # (sequence, width)
    key = hidden @ theta["k_proj"].T  # (sequence, token, width)
    value = hidden @ theta["v_proj"].T
    scores = jnp.einsum("sd,std->st", query, key) / np.sqrt(query.shape[-1]).astype(query.dtype)
    output = jnp.einsum("st,std->sd", jax.nn.softmax(scores), value)
    logits = output @ theta["classifier_weight"].T + theta["classifier_bias"]
    log_p = jax.nn.log_softmax(logits)
    return -jnp.mean(jnp.take_along_axis(log_p, y[:, None], axis=1))


@partial(jax.jit, static_argnames=("steps", "mode"))
def per_task(theta, tasks, rate, steps, mode):
    """(meta-gradient, adapted parameters, losses), each with the task axis first."""

    def one_task(task):
        x_support, y_support, x_query, y_query = task

        def inner_step(current, _):
            gradient = jax.grad(loss)(current, x_support, y_support)
            if mode != "full":
                gradient = jax.lax.stop_gradient(gradient)
            return {name: current[name] - rate * gradient[name] for name in current}, None

        def after_adaptation(initial):
            adapted, _ = jax.lax.scan(inner_step, initial, None, length=steps)
            return loss(adapted, x_query, y_query), adapted

        (query_loss, adapted), gradient = jax.value_and_grad(after_adaptation, has_aux=True)(theta)
        support_loss = loss(theta, x_support, y_support)
        return gradient, adapted, {"query_loss": query_loss, "support_loss": support_loss}

    return jax.lax.map(one_task, tasks)


def meta_gradient(theta, episodes, steps, rate, mode, dtype):
    """What a result file records, computed in `dtype`:

    {"meta_gradient": mean over tasks, "adapted": (task, ...), "losses": (task)}, NumPy float64.
    """
    theta = {name: jnp.asarray(value, dtype) for name, value in theta.items()}
    tasks = tuple(
        jnp.asarray(episodes[name], jnp.int32 if name.startswith("y") else dtype)
        for name in ("x_support", "y_support", "x_query", "y_query")
    )
    gradients, adapted, losses = (
        {name: np.asarray(value, np.float64) for name, value in values.items()}
        for values in per_task(theta, tasks, jnp.asarray(rate, dtype), steps=steps, mode=mode)
    )
    mean = {name: value.mean(axis=0) for name, value in gradients.items()}
    return {"meta_gradient": mean, "adapted": adapted, "losses": losses}
