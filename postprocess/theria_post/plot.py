# SPDX-License-Identifier: Apache-2.0
"""`theria-post plot`: query loss and accuracy against the outer step."""

import matplotlib

matplotlib.use("Agg")

import matplotlib.pyplot as plt  # noqa: E402
import numpy as np  # noqa: E402
from matplotlib.ticker import MaxNLocator  # noqa: E402

from theria_post.describe import method, model, task  # noqa: E402
from theria_post.errors import OutputError, ResultError  # noqa: E402

# Okabe and Ito's colours: told apart by every kind of colour vision; markers differ as well.
TRAINING, BEFORE, AFTER, QUIET = "#0072B2", "#D55E00", "#000000", "#8a8a8a"

STYLE = {
    "font.size": 10,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": "#4d4d4d",
    "axes.labelcolor": "#1a1a1a",
    "axes.titlesize": 10,
    "axes.titlelocation": "left",
    "axes.grid": True,
    "grid.color": "#e6e6e6",
    "grid.linewidth": 0.8,
    "axes.axisbelow": True,
    "xtick.color": "#4d4d4d",
    "ytick.color": "#4d4d4d",
    "legend.frameon": False,
    "figure.dpi": 150,
}

PANELS = (
    ("query_loss", "query loss, cross-entropy (nat)", 1.0),
    ("query_accuracy", "query accuracy (%)", 100.0),
)
PREDICTION_PANELS = (("query_loss", "query loss, mean squared error", 1.0),)


def running_mean(values, window):
    """The mean over a centred window, cut off at the ends."""
    weights = np.ones(window)
    counts = np.convolve(np.ones(len(values)), weights, mode="same")
    return np.convolve(values, weights, mode="same") / counts


def window_for(steps):
    """An odd window of about a twentieth of the steps; 1 (no smoothing) for short runs."""
    return 2 * (steps // 40) + 1 if steps >= 40 else 1


def learning_curves(result):
    """The matplotlib figure. Raises ResultError if the run has nothing to draw."""
    trained, evaluated = "training" in result, "evaluation" in result
    if not trained and not evaluated:
        raise ResultError(
            f"{result.path} has nothing to draw: the run made no outer steps (outer.steps: 0) and "
            "evaluated no tasks (evaluation.tasks: 0)"
        )
    with plt.rc_context(STYLE):
        classes = "task.classes" in result.deck
        panels = PANELS if classes else PREDICTION_PANELS
        figure, axes = plt.subplots(1, len(panels), figsize=(9.6, 4.4), squeeze=False)
        axes = axes[0]
        for axis, (name, label, factor) in zip(axes, panels, strict=True):
            if trained:
                _draw_training(axis, result, name, factor)
            if evaluated:
                _draw_evaluation(axis, result, name, factor)
            axis.set_xlabel("outer steps done")
            axis.set_ylabel(label)
            axis.xaxis.set_major_locator(MaxNLocator(integer=True, nbins=6))
            if np.ptp(axis.dataLim.intervalx) == 0.0:  # one point: no fractions of a step around it
                axis.set_xticks(np.unique(axis.dataLim.intervalx))
        axes[0].set_ylim(bottom=0.0)
        if classes:
            axes[1].set_ylim(0.0, 102.0)
            _draw_chance(axes, result)
        figure.text(0.012, 0.985, result.path.name, va="top", fontsize=12, weight="bold")
        subtitle = "\n".join(shorten(line, 130) for line in (f"{model(result)}; {task(result)}", method(result)))
        figure.text(0.012, 0.925, subtitle, va="top", fontsize=9, color="#4d4d4d")
        handles, labels = axes[0].get_legend_handles_labels()
        figure.legend(handles, labels, loc="lower left", ncol=4, fontsize=9, columnspacing=1.5)
        figure.tight_layout(rect=(0, 0.055, 1, 0.87), w_pad=2.5)
    return figure


def _draw_training(axis, result, name, factor):
    steps = result.numbers("training", "outer_step")
    values = factor * result.numbers("training", name)
    window = window_for(len(steps))
    if window > 1:
        axis.plot(steps, values, color=TRAINING, alpha=0.25, linewidth=0.8, zorder=1)
        values = running_mean(values, window)
    label = "training tasks" + (f", mean of {window} steps" if window > 1 else "")
    marker = "o" if len(steps) == 1 else None
    axis.plot(steps, values, color=TRAINING, linewidth=1.8, marker=marker, label=label, zorder=2)


def _draw_evaluation(axis, result, name, factor):
    steps = result.numbers("evaluation", "outer_step")
    for when, colour, marker, face in (
        ("before", BEFORE, "s", "white"),
        ("after", AFTER, "o", AFTER),
    ):
        half_width = result.numbers("evaluation", f"{name}_{when}_half_width")
        axis.errorbar(
            steps,
            factor * result.numbers("evaluation", f"{name}_{when}_mean"),
            yerr=np.nan_to_num(factor * half_width),  # no interval from a single task
            color=colour,
            marker=marker,
            markerfacecolor=face,
            markersize=5,
            linewidth=1.2,
            linestyle="--" if when == "before" else "-",
            capsize=3,
            label=f"held-out, {when} adaptation (95 %)",
            zorder=3,
            clip_on=False,
        )


def _draw_chance(axes, result):
    """What guessing gives: log C nat and 1/C."""
    if "parameters/final" not in result:
        return
    final = result.parameters("final")
    bias = next((final[name] for name in ("classifier_bias", "head_bias") if name in final), None)
    if bias is None:
        return
    classes = bias.size
    for axis, level in zip(axes, (np.log(classes), 100.0 / classes), strict=True):
        axis.axhline(level, color=QUIET, linewidth=1.0, linestyle=":", label="guessing", zorder=0)


def shorten(text, most):
    return text if len(text) <= most else text[: most - 3] + "..."


def save(figure, path):
    """Writes the PNG (or what the name ends in: .pdf, .svg)."""
    try:
        figure.savefig(path)
    except ValueError as error:
        raise ResultError(f"{path}: {str(error).splitlines()[0]}") from None
    except OSError as error:
        raise OutputError(f"{path} cannot be written: {error.strerror or error}") from None
    finally:
        plt.close(figure)
