# SPDX-License-Identifier: Apache-2.0
"""`theria-post show`: a result file on one screen."""

import numpy as np

from theria_post.describe import method, model, plural, task

MOST_EVALUATIONS = 6


def number(value, form, factor=1.0):
    """The factor's multiple by the form, or in few characters where that would be long; what is no number is none."""
    if not np.isfinite(value):
        return "none"
    return f"{value:.3e}" if abs(value) >= 1e6 else form.format(factor * value)


def summary(result):
    """The text, without a newline at its end."""
    lines = [f"{result.path}: {result.provenance.get('title', 'a result of theria')}", ""]
    lines += [f"  {label:<12}{text}" for label, text in _header(result)]
    for part in (_training, _excluded, _certificate, _evaluation, _parameters):
        block = part(result)
        if block:
            lines += ["", *block]
    return "\n".join(lines)


def _header(result):
    have = result.provenance.get
    state = ", with changes not committed" if have("git_dirty") else ""
    yield "made", f"{have('time_end', 'at an unknown time')} in {_seconds(have('wall_seconds'))}"
    device = have("device") or have("cpu", "unknown device")
    threads = f", threads: {have('threads')}" if have("threads") else ""
    yield "machine", f"{device}{threads}, backend {have('backend', 'unknown')}"
    yield "software", (
        f"theria {have('software_version', '?')} (git {str(have('git_hash', '?'))[:12]}{state}), "
        f"Kokkos {have('kokkos_version', '?')}, {have('compiler', 'unknown compiler')}"
    )
    yield "deck", f"{result.deck.path or 'unknown'}, seed {have('seed', '?')}"
    yield "task", task(result)
    yield "model", model(result)
    yield "method", method(result)


def _training(result):
    if "training" not in result:
        return []
    steps = len(result.numbers("training", "outer_step"))
    block = [f"  training, {plural(steps, 'outer step')}", f"    {'':<24}{'first':>12}{'last':>12}"]
    rows = (
        ("query loss after", "query_loss", "{:.4f}", 1.0),
        ("query accuracy after, %", "query_accuracy", "{:.1f}", 100.0),
        ("support loss before", "support_loss", "{:.4f}", 1.0),
        ("meta-gradient norm", "meta_gradient_norm", "{:.3e}", 1.0),
    )
    for label, name, form, factor in rows:
        if name == "query_accuracy" and "task.classes" not in result.deck:
            continue
        ends = (number(end, form, factor) for end in result.numbers("training", name)[[0, -1]])
        block.append(f"    {label:<24}" + "".join(f"{end:>12}" for end in ends))
    return block


def _excluded(result):
    if "excluded" not in result:
        return []
    steps, tasks = (result.numbers("excluded", name) for name in ("outer_step", "task"))
    return [
        f"  left out, since they diverged: {plural(len(tasks), 'training task')} in "
        f"{plural(len(np.unique(steps)), 'outer step')}, the first {tasks[0]:.0f} in step {steps[0] + 1:.0f}",
    ]


def _certificate(result):
    if "certificate" not in result:
        return []
    residual, products, slope, positive, converged = (
        result.numbers("certificate", name)
        for name in ("residual", "iterations", "stationarity", "positive", "converged")
    )
    worst = int(np.argmax(np.where(np.isnan(residual), np.inf, residual)))
    return [
        f"  certificate of {plural(len(residual), 'implicit system')}",
        f"    the worst, of task {worst}: residual {residual[worst]:.1e} after {products[worst]:.0f} products, "
        f"slope {slope[worst]:.1e} of the first",
        f"    not solved to the tolerance: {np.sum(converged == 0)}, not positive definite: {np.sum(positive == 0)}",
    ]


EVALUATION_COLUMNS = (
    ("query_loss_before", "loss before", 20, "{:.4f}", 1.0),
    ("query_loss_after", "after", 20, "{:.4f}", 1.0),
    ("query_accuracy_before", "accuracy before, %", 22, "{:.1f}", 100.0),
    ("query_accuracy_after", "after, %", 18, "{:.1f}", 100.0),
)


def _left_out(result):
    """How many held-out tasks have no loss after adaptation in at least one evaluation."""
    losses = result.evaluation["query_loss_after"].values
    return int(np.sum(np.isnan(losses).any(axis=0))) if losses.ndim == 2 else 0


def _evaluation(result):
    if "evaluation" not in result:
        return []
    steps = result.numbers("evaluation", "outer_step")
    tasks = len(result.numbers("evaluation", "task"))
    classes = "task.classes" in result.deck
    columns = [column for column in EVALUATION_COLUMNS if classes or "accuracy" not in column[0]]
    heads = "".join(f"{head:>{width}}" for _, head, width, _, _ in columns)
    lines = [f"    {step:>10.0f}" for step in steps]
    for name, _, width, form, factor in columns:
        means = result.numbers("evaluation", f"{name}_mean")
        half_widths = result.numbers("evaluation", f"{name}_half_width")
        # A single task has no interval.
        cells = (
            " ± ".join(number(x, form, factor) for x in (mean, half_width) if np.isfinite(x)) or "none"
            for mean, half_width in zip(means, half_widths, strict=True)
        )
        lines = [line + f"{cell:>{width}}" for line, cell in zip(lines, cells)]
    if len(lines) > MOST_EVALUATIONS:
        lines = [*lines[: MOST_EVALUATIONS - 1], f"    {'...':>10}", lines[-1]]
    return [
        f"  evaluation on {plural(tasks, 'held-out task')}"
        + (f", of which {_left_out(result)} diverged and are left out at times" if _left_out(result) else "")
        + (", mean and 95 % interval" if tasks > 1 else ""),
        f"    {'outer step':>10}{heads}",
        *lines,
    ]


def _parameters(result):
    parameters, recorded = result.parameters("final"), "meta_gradient" in result
    longest = max(20, *(len(name) + 1 for name in parameters.data_vars))
    head = f"    {'':<{longest}}{'shape':>12}{'norm':>12}"
    block = [
        "  parameters after the last outer step"
        + (", recorded meta-gradient" if recorded else "; no meta-gradient recorded"),
        head + (f"{'meta-gradient norm':>22}" if recorded else ""),
    ]
    for name, values in parameters.data_vars.items():
        shape = " x ".join(str(extent) for extent in values.shape)
        line = f"    {name:<{longest}}{shape:>12}{_norm(values.values):>12.4e}"
        if recorded and name in result.meta_gradient:
            line += f"{_norm(result.meta_gradient[name].values):>22.4e}"
        block.append(line)
    return block


def _norm(values):
    return np.linalg.norm(values.astype(np.float64))


def _seconds(value):
    if value is None:
        return "an unknown time"
    minutes, seconds = divmod(float(value), 60.0)
    return f"{minutes:.0f} min {seconds:.0f} s" if minutes else f"{seconds:.2f} s"
