# SPDX-License-Identifier: Apache-2.0
"""Meta-gradients of the models in models.py in JAX, by automatic differentiation. Needs JAX.

The derivative starts where the swept steps do; what came before them is a constant, but for learned rates.
"""

import os
from functools import partial
from typing import NamedTuple

os.environ.setdefault("JAX_PLATFORMS", "cpu")

import jax  # noqa: E402
import jax.numpy as jnp  # noqa: E402
import numpy as np  # noqa: E402

from theria_post.architecture import is_head  # noqa: E402
from theria_post.models import loss  # noqa: E402

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
    rates: str = "fixed"
    proximal: float = 0.0
    mode: str = "full"
    swept: int = 0  # inner steps, from the last one back, that the meta-gradient goes through


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


def adapt(model, rule, rates, state, anchor, first, count, x, y):
    """The state (theta, m, v) after `count` inner steps, the first of them step `first`. With learned rates, one a
    parameter, m is the sum of the gradients so far."""

    def step(state, number):
        theta, m, v = state
        gradient = jax.grad(loss, argnums=1)(model, theta, x, y)
        after = {}
        for name, slope in gradient.items():
            if rule.parameters == "head" and not is_head(name):
                slope = jnp.zeros_like(slope)
            else:
                slope = slope + rule.proximal * (theta[name] - anchor[name])
            if rates:
                after[name] = theta[name] - rates[name] * slope, m[name] + slope, v[name]
            else:
                after[name] = inner_step(rule, number, theta[name], m[name], v[name], slope)
        return tuple({name: parts[n] for name, parts in after.items()} for n in range(3)), None

    numbers = first + jnp.arange(count, dtype=jnp.int32)
    return jax.lax.scan(step, state, numbers)[0]


def implicit_gradient(model, rule, adapted, query_gradient, x, y):
    """(I + H/rho)^-1 query_gradient, by conjugate gradients to all digits."""

    def product(direction):
        slope = lambda theta: jax.grad(loss, argnums=1)(model, theta, x, y)  # noqa: E731
        _, bent = jax.jvp(slope, (adapted,), (direction,))
        return {name: direction[name] + bent[name] / rule.proximal for name in direction}

    digits = float(jnp.finfo(next(iter(query_gradient.values())).dtype).eps)
    return jax.scipy.sparse.linalg.cg(product, query_gradient, tol=4 * digits, maxiter=1000)[0]


@partial(jax.jit, static_argnames=("model", "rule", "chunk"))
def per_task(theta, tasks, model, rule, chunk=1):
    """(meta-gradient, adapted parameters, losses), each with the task axis first; `chunk` tasks at once."""
    rates = {}
    if rule.rates == "learned":
        rates = {name.removeprefix("rate_"): rate for name, rate in theta.items() if name.startswith("rate_")}
        theta = {name: theta[name] for name in rates}
    zeros = {name: jnp.zeros_like(value) for name, value in theta.items()}

    def one_task(task):
        x_support, y_support, x_query, y_query = task
        unswept = rule.steps - rule.swept
        start, m, v = adapt(model, rule, rates, (theta, zeros, zeros), theta, 0, unswept, x_support, y_support)

        def after_adaptation(moved, moved_rates):
            # What moves the start of the swept steps moves the point that they stay close to, too; another rate
            # would have moved it along the gradients so far.
            anchor = {name: theta[name] + (moved[name] - start[name]) for name in theta}
            for name in rates:
                moved = moved | {name: moved[name] - (moved_rates[name] - rates[name]) * m[name]}
            adapted, _, _ = adapt(model, rule, moved_rates, (moved, m, v), anchor, unswept, rule.swept,
                                  x_support, y_support)
            return loss(model, adapted, x_query, y_query), adapted

        (query_loss, adapted), (gradient, by_rates) = jax.value_and_grad(
            after_adaptation, argnums=(0, 1), has_aux=True)(start, rates)
        if rule.mode == "reptile":
            gradient = {name: theta[name] - adapted[name] for name in theta}
        if rule.mode == "implicit":
            gradient = implicit_gradient(model, rule, adapted, gradient, x_support, y_support)
        gradient = gradient | {f"rate_{name}": value for name, value in by_rates.items()}
        support_loss = loss(model, theta, x_support, y_support)
        return gradient, adapted, {"query_loss": query_loss, "support_loss": support_loss}

    return jax.lax.map(one_task, tasks, batch_size=None if chunk == 1 else chunk)


def on_device(theta, episodes, counted, dtype):
    """Parameters by name, and the counted tasks' support and query sets, in this type."""
    y = "y" if "y_support" in episodes else "target"
    tasks = tuple(
        jnp.asarray(episodes[name][counted], jnp.int32 if name.startswith("y") else dtype)
        for name in ("x_support", f"{y}_support", "x_query", f"{y}_query")
    )
    return {name: jnp.asarray(value, dtype) for name, value in theta.items()}, tasks


def meta_gradient(theta, episodes, counted, model, rule, dtype):
    """What a result file records, computed in `dtype`, of the tasks that are `counted`:

    {"meta_gradient": mean over tasks, "adapted": (task, ...), "losses": (task)}, NumPy float64.
    """
    theta, tasks = on_device(theta, episodes, counted, dtype)
    gradients, adapted, losses = (
        {name: np.asarray(value, np.float64) for name, value in values.items()}
        for values in per_task(theta, tasks, model, rule)
    )
    mean = {name: value.mean(axis=0) for name, value in gradients.items()}
    return {"meta_gradient": mean, "adapted": adapted, "losses": losses}
