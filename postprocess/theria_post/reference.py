# SPDX-License-Identifier: Apache-2.0
"""TinyAttention and its meta-gradient in JAX, by automatic differentiation. Needs JAX.

    h = x, or x embedding^T where there is an embedding      x (sequence, token, feature)
    q = h[:,0] q_proj^T     k = h k_proj^T     v = h v_proj^T
    logits = (softmax(q.k / sqrt(width)) v) classifier_weight^T + classifier_bias
    loss = mean cross entropy over the sequences

The derivative starts where the swept steps do; what came before them is a constant.
"""

import os
from functools import partial
from typing import NamedTuple

os.environ.setdefault("JAX_PLATFORMS", "cpu")

import jax  # noqa: E402
import jax.numpy as jnp  # noqa: E402
import numpy as np  # noqa: E402

jax.config.update("jax_enable_x64", True)

MODES = ("full", "first_order", "first_order_strict", "truncated", "hybrid", "reptile", "implicit")


class Rule(NamedTuple):
    """How a run adapts and what its meta-gradient goes through; the keys of its deck."""

    steps: int
    rate: float
    optimizer: str = "sgd"
    momentum: float = 0.0
    beta1: float = 0.0
    beta2: float = 0.0
    epsilon: float = 0.0
    parameters: str = "all"
    proximal: float = 0.0
    mode: str = "full"
    swept: int = 0  # inner steps, from the last one back, that the meta-gradient goes through


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


def inner_step(rule, number, theta, m, v, gradient):
    """theta, m and v of one tensor after step `number`, from 0."""
    if rule.optimizer == "sgd":
        return theta - rule.rate * gradient, m, v
    if rule.optimizer == "momentum":
        m = rule.momentum * m + gradient
        return theta - rule.rate * m, m, v
    m = rule.beta1 * m + (1 - rule.beta1) * gradient
    v = rule.beta2 * v + (1 - rule.beta2) * gradient**2
    steps = (number + 1).astype(theta.dtype)
    mean = m / (1 - rule.beta1**steps)
    square = v / (1 - rule.beta2**steps)
    return theta - rule.rate * mean / jnp.sqrt(square + rule.epsilon**2), m, v


def adapt(rule, state, anchor, first, count, x, y):
    """The state (theta, m, v) after `count` inner steps, the first of them step `first`."""

    def step(state, number):
        theta, m, v = state
        gradient = jax.grad(loss)(theta, x, y)
        after = {}
        for name, slope in gradient.items():
            if rule.parameters == "head" and not name.startswith("classifier"):
                slope = jnp.zeros_like(slope)
            else:
                slope = slope + rule.proximal * (theta[name] - anchor[name])
            after[name] = inner_step(rule, number, theta[name], m[name], v[name], slope)
        return tuple({name: parts[n] for name, parts in after.items()} for n in range(3)), None

    numbers = first + jnp.arange(count, dtype=y.dtype)
    return jax.lax.scan(step, state, numbers)[0]


def implicit_gradient(rule, adapted, query_gradient, x, y):
    """(I + H/rho)^-1 query_gradient, by conjugate gradients to all digits."""

    def product(direction):
        slope = partial(jax.grad(loss), x=x, y=y)
        _, bent = jax.jvp(slope, (adapted,), (direction,))
        return {name: direction[name] + bent[name] / rule.proximal for name in direction}

    digits = float(jnp.finfo(query_gradient["q_proj"].dtype).eps)
    return jax.scipy.sparse.linalg.cg(product, query_gradient, tol=4 * digits, maxiter=1000)[0]


@partial(jax.jit, static_argnames=("rule",))
def per_task(theta, tasks, rule):
    """(meta-gradient, adapted parameters, losses), each with the task axis first."""
    zeros = {name: jnp.zeros_like(value) for name, value in theta.items()}

    def one_task(task):
        x_support, y_support, x_query, y_query = task
        unswept = rule.steps - rule.swept
        start, m, v = adapt(rule, (theta, zeros, zeros), theta, 0, unswept, x_support, y_support)

        def after_adaptation(initial):
            # What moves the start of the swept steps moves the point that they stay close to, too.
            anchor = {name: theta[name] + (initial[name] - start[name]) for name in theta}
            adapted, _, _ = adapt(
                rule, (initial, m, v), anchor, unswept, rule.swept, x_support, y_support)
            return loss(adapted, x_query, y_query), adapted

        (query_loss, adapted), gradient = jax.value_and_grad(after_adaptation, has_aux=True)(start)
        if rule.mode == "reptile":
            gradient = {name: theta[name] - adapted[name] for name in theta}
        if rule.mode == "implicit":
            gradient = implicit_gradient(rule, adapted, gradient, x_support, y_support)
        support_loss = loss(theta, x_support, y_support)
        return gradient, adapted, {"query_loss": query_loss, "support_loss": support_loss}

    return jax.lax.map(one_task, tasks)


def meta_gradient(theta, episodes, rule, dtype):
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
        for values in per_task(theta, tasks, rule)
    )
    mean = {name: value.mean(axis=0) for name, value in gradients.items()}
    return {"meta_gradient": mean, "adapted": adapted, "losses": losses}
