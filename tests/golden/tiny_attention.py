# SPDX-License-Identifier: Apache-2.0
"""TinyAttention and its meta-gradient in JAX: the inner loop written out, differentiated as it is.

    h = x, or x embedding^T where features != width          x (sequence, token, feature)
    q = h[:,0] q_proj^T     k = h k_proj^T     v = h v_proj^T
    o = softmax(q.k / sqrt(width)) v           logits = o classifier_weight^T + classifier_bias
    loss = mean cross entropy over the sequences
"""

import jax
import jax.flatten_util
import jax.numpy as jnp

jax.config.update("jax_enable_x64", True)


def logits_of(theta, x):
    hidden = x @ theta["embedding"].T if "embedding" in theta else x
    q = hidden[:, 0] @ theta["q_proj"].T
    k = hidden @ theta["k_proj"].T
    v = hidden @ theta["v_proj"].T
    scores = jnp.einsum("sd,std->st", q, k) / jnp.sqrt(q.shape[-1])
    o = jnp.einsum("st,std->sd", jax.nn.softmax(scores), v)
    return o @ theta["classifier_weight"].T + theta["classifier_bias"]


def loss_of(theta, x, y):
    log_p = jax.nn.log_softmax(logits_of(theta, x))
    return -jnp.mean(jnp.take_along_axis(log_p, y[:, None], axis=1))


def accuracy_of(theta, x, y):
    hits = jnp.argmax(logits_of(theta, x), axis=1) == y
    return jnp.mean(hits.astype(jnp.float64))


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


def adapt(theta, x, y, case):
    """theta_K after K inner steps on the support loss."""
    initial = theta
    m = v = {name: jnp.zeros_like(value) for name, value in theta.items()}
    for number in range(case.steps):
        if case.mode == "truncated" and number == case.steps - case.last:
            # As if this were the start: derivatives by theta here are those by the initial theta.
            theta = {name: cut(theta[name]) + (initial[name] - cut(initial[name])) for name in theta}
            m, v = cut(m), cut(v)
        gradient = jax.grad(loss_of)(theta, x, y)
        gradient = {name: gradient[name] + case.proximal * (theta[name] - initial[name]) for name in theta}
        if case.mode == "first_order":
            gradient = cut(gradient)
        for name in theta:
            if case.parameters == "head" and not name.startswith("classifier"):
                gradient[name] = jnp.zeros_like(gradient[name])
        after = {name: inner_step(case, number, theta[name], m[name], v[name], gradient[name]) for name in theta}
        theta, m, v = ({name: values[part] for name, values in after.items()} for part in range(3))
    return theta


def implicit_gradient(adapted, task, case):
    """(I + H/rho)^-1 times the query gradient, H the support loss's Hessian, as a dense matrix."""
    x_support, y_support, x_query, y_query = task
    flat, unravel = jax.flatten_util.ravel_pytree(adapted)
    hessian = jax.hessian(lambda theta: loss_of(unravel(theta), x_support, y_support))(flat)
    slope = jax.grad(lambda theta: loss_of(unravel(theta), x_query, y_query))(flat)
    return unravel(jnp.linalg.solve(jnp.eye(flat.size) + hessian / case.proximal, slope))


def task_results(theta, task, case):
    """One task's adapted parameters, meta-gradient and losses."""
    x_support, y_support, x_query, y_query = task

    def query_loss(initial):
        adapted = adapt(initial, x_support, y_support, case)
        return loss_of(adapted, x_query, y_query), adapted

    (loss, adapted), gradient = jax.value_and_grad(query_loss, has_aux=True)(theta)
    if case.mode == "implicit":
        gradient = implicit_gradient(adapted, task, case)
    losses = {
        "query_loss": loss,
        "query_accuracy": accuracy_of(adapted, x_query, y_query),
        "query_loss_before": loss_of(theta, x_query, y_query),
        "query_accuracy_before": accuracy_of(theta, x_query, y_query),
        "support_loss": loss_of(theta, x_support, y_support),
    }
    return adapted, gradient, losses


def meta_results(theta, episodes, case):
    """(adapted with the task axis first, meta-gradient: mean over tasks, losses per task)."""
    names = ("x_support", "y_support", "x_query", "y_query")
    tasks = zip(*(jnp.asarray(episodes[name]) for name in names), strict=True)
    run = jax.jit(lambda task: task_results(theta, task, case))
    results = [run(task) for task in tasks]
    adapted, gradients, losses = (
        {name: jnp.stack([result[part][name] for result in results]) for name in results[0][part]}
        for part in range(3)
    )
    return adapted, {name: jnp.mean(g, axis=0) for name, g in gradients.items()}, losses
