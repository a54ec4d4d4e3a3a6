# SPDX-License-Identifier: Apache-2.0
"""Meta-gradients of the models in models.py in JAX: the inner loop written out, differentiated as it is."""

import jax
import jax.flatten_util
import jax.numpy as jnp
from models import accuracy_of, is_head, loss_of


def inner_step(case, number, theta, m, v, gradient):
    """theta, m and v after step `number` (from 0), by the case's rule, for one tensor."""
    if case.optimizer == "sgd":
        return theta - case.rate * gradient, m, v
    if case.optimizer == "momentum":
        m = case.momentum * m + gradient
        return theta - case.rate * m, m, v
    m = case.beta1 * m + (1 - case.beta1) * gradient
    v = case.beta2 * v + (1 - case.beta2) * gradient**2
    mean = m / (1 - case.beta1 ** (number + 1))
    square = v / (1 - case.beta2 ** (number + 1))
    return theta - case.rate * mean / jnp.sqrt(square + case.epsilon**2), m, v


def cut(tree):
    return jax.tree.map(jax.lax.stop_gradient, tree)


def adapt_by_learned_rates(theta, x, y, case):
    """The same with a rate for every parameter, theta["rate_..."]. A gradient that the meta-gradient does not go through
    is a constant; the rate that multiplies it is not."""
    rates = {name.removeprefix("rate_"): rate for name, rate in theta.items() if name.startswith("rate_")}
    theta = initial = {name: theta[name] for name in rates}
    swept = {"full": case.steps, "first_order": 0, "truncated": case.last}[case.mode]
    for number in range(case.steps):
        through = number >= case.steps - swept
        gradient = jax.grad(lambda theta: loss_of(case, theta, x, y))(theta)
        gradient = {name: gradient[name] + case.proximal * (theta[name] - initial[name]) for name in theta}
        gradient = gradient if through else cut(gradient)
        adapts = {name: case.parameters != "head" or is_head(name) for name in theta}
        theta = {name: theta[name] - adapts[name] * rates[name] * gradient[name] for name in theta}
    return theta


def adapt(theta, x, y, case):
    """theta_K after K inner steps on the support loss."""
    if case.rates == "learned":
        return adapt_by_learned_rates(theta, x, y, case)
    initial = theta
    m = v = {name: jnp.zeros_like(value) for name, value in theta.items()}
    for number in range(case.steps):
        if case.mode == "truncated" and number == case.steps - case.last:
            # As if this were the start: derivatives by theta here are those by the initial theta.
            theta = {name: cut(theta[name]) + (initial[name] - cut(initial[name])) for name in theta}
            m, v = cut(m), cut(v)
        gradient = jax.grad(lambda theta: loss_of(case, theta, x, y))(theta)
        gradient = {name: gradient[name] + case.proximal * (theta[name] - initial[name]) for name in theta}
        if case.mode == "first_order":
            gradient = cut(gradient)
        for name in theta:
            if case.parameters == "head" and not is_head(name):
                gradient[name] = jnp.zeros_like(gradient[name])
        after = {name: inner_step(case, number, theta[name], m[name], v[name], gradient[name]) for name in theta}
        theta, m, v = ({name: values[part] for name, values in after.items()} for part in range(3))
    return theta


def implicit_gradient(adapted, task, case):
    """(I + H/rho)^-1 times the query gradient, H the support loss's Hessian, as a dense matrix."""
    x_support, y_support, x_query, y_query = task
    flat, unravel = jax.flatten_util.ravel_pytree(adapted)
    hessian = jax.hessian(lambda theta: loss_of(case, unravel(theta), x_support, y_support))(flat)
    slope = jax.grad(lambda theta: loss_of(case, unravel(theta), x_query, y_query))(flat)
    return unravel(jnp.linalg.solve(jnp.eye(flat.size) + hessian / case.proximal, slope))


def parts_of(episodes):
    """Names of a task's support and query sets, each with its labels or targets."""
    y = "y" if "y_support" in episodes else "target"
    return "x_support", f"{y}_support", "x_query", f"{y}_query"


def task_results(theta, task, case):
    """One task's adapted parameters, meta-gradient and losses."""
    x_support, y_support, x_query, y_query = task

    def query_loss(initial):
        adapted = adapt(initial, x_support, y_support, case)
        return loss_of(case, adapted, x_query, y_query), adapted

    (loss, adapted), gradient = jax.value_and_grad(query_loss, has_aux=True)(theta)
    if case.mode == "implicit":
        gradient = implicit_gradient(adapted, task, case)
    losses = {
        "query_loss": loss,
        "query_loss_before": loss_of(case, theta, x_query, y_query),
        "support_loss": loss_of(case, theta, x_support, y_support),
    }
    if y_query.ndim == 1:
        losses["query_accuracy"] = accuracy_of(case, adapted, x_query, y_query)
        losses["query_accuracy_before"] = accuracy_of(case, theta, x_query, y_query)
    return adapted, gradient, losses


def meta_results(theta, episodes, case):
    """(adapted with the task axis first, meta-gradient: mean over tasks, losses per task)."""
    tasks = zip(*(jnp.asarray(episodes[name]) for name in parts_of(episodes)), strict=True)
    run = jax.jit(lambda task: task_results(theta, task, case))
    results = [run(task) for task in tasks]
    adapted, gradients, losses = (
        {name: jnp.stack([result[part][name] for result in results]) for name in results[0][part]}
        for part in range(3)
    )
    return adapted, {name: jnp.mean(g, axis=0) for name, g in gradients.items()}, losses
