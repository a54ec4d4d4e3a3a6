# SPDX-License-Identifier: Apache-2.0
"""`theria-post verify`: the recorded meta-gradient against one that JAX computes in float64.

Error of a parameter: ||recorded - reference|| / max(||reference||, 0.001 ||reference of all||); the
floor keeps a component that is nearly zero from being asked for digits that cancel elsewhere.

Bound, the same for every parameter of a group: the largest of

    float64   1e-12  and  8 x the growth x 1.1e-16
    float32   2e-6   and  8 x the growth x 6.0e-8
    tfloat32, float16   8e-3  and  8 x the growth x 2.4e-4
    bfloat16  6e-2   and  8 x the growth x 2.0e-3

and for an implicit meta-gradient 8 x meta.tolerance, to which its system was solved;

where growth, how much the problem itself magnifies rounding (it rises with the inner steps), is
measured: the largest error of the same JAX program run in float32, over 6.0e-8. A wrong term is far
outside: first-order instead of full is off by a tenth and more. (Of bfloat16 it can lie inside, where the
growth is more than 6.)
"""

from dataclasses import dataclass

import numpy as np

from theria_post.architecture import MODELS, model_of, parameter_shapes
from theria_post.errors import ResultError

FLOOR = {"float64": 1e-12, "float32": 2e-6, "tfloat32": 8e-3, "float16": 8e-3, "bfloat16": 6e-2}
ROUNDING = {
    "float64": 2.0**-53,
    "float32": 2.0**-24,
    "tfloat32": 2.0**-12,
    "float16": 2.0**-12,
    "bfloat16": 2.0**-9,
}
MARGIN = 8.0
SMALL_COMPONENT = 1e-3

NO_JAX = (
    "verify needs JAX, an automatic differentiation that knows nothing of theria. Install it with\n"
    '    python3 -m pip install "jax[cpu]"\n'
    "(on Debian in a virtual environment, python3 -m venv --system-site-packages FOLDER, and with "
    "\"numpy<2\" beside it, for which Debian's h5py is built) "
    "and run verify again."
)


@dataclass(frozen=True)
class Row:
    """One quantity compared."""

    group: str
    name: str
    error: float
    bound: float

    @property
    def ok(self):
        return bool(self.error <= self.bound)  # NaN is not


@dataclass(frozen=True)
class Verification:
    """What was recomputed and how well it agrees."""

    mode: str
    steps: int
    rate: float
    tasks: int
    left_out: int
    precision: str
    rows: tuple

    @property
    def ok(self):
        return all(row.ok for row in self.rows)


def _bounds_as(precision, engine):
    """The type whose bounds hold: the episode engine computes in float32 on the rounded inputs that the file holds."""
    return "float32" if engine == "episode" and precision in ("tfloat32", "bfloat16") else precision


def verify(result):
    """Recomputes what the file records. Raises ResultError if it records nothing, or not this."""
    precision = result.provenance.get("precision")
    if precision not in FLOOR:
        raise ResultError(
            f"{result.path}: verify has no bound for precision {precision}; "
            f"it has one for {' and '.join(FLOOR)}"
        )
    model, theta, episodes, counted, recorded = _record(result)
    mode = str(result.deck["meta.mode"])

    try:
        from theria_post import reference
    except ImportError:
        raise ResultError(NO_JAX) from None
    if mode not in reference.MODES:
        raise ResultError(
            f"{result.path}: verify knows the modes {', '.join(reference.MODES)}, not {mode}"
        )
    rule = _rule(result.deck, mode, reference.Rule)
    exact = reference.meta_gradient(theta, episodes, counted, model, rule, np.float64)
    rounded = reference.meta_gradient(theta, episodes, counted, model, rule, np.float32)
    bounds = _bounds_as(precision, str(result.deck["meta.engine"]))
    rows = []
    for group, values in exact.items():
        growth = max(_errors(rounded[group], values).values()) / ROUNDING["float32"]
        bound = max(FLOOR[bounds], MARGIN * growth * ROUNDING[bounds])
        if mode == "implicit" and group == "meta_gradient":
            bound = max(bound, MARGIN * float(result.deck["meta.tolerance"]))
        errors = _errors(recorded[group], values)
        rows += [Row(group, name, error, bound) for name, error in errors.items()]
    tasks = int(counted.sum())
    return Verification(mode, rule.steps, rule.rate, tasks, int((~counted).sum()), precision, tuple(rows))


def recorded_problem(result, dtype):
    """(model, rule, parameters, tasks) of a recorded meta-gradient, the last two in JAX, for who wants to compute it
    themselves. Needs JAX."""
    from theria_post import reference

    model, theta, episodes, counted, _ = _record(result)
    rule = _rule(result.deck, str(result.deck["meta.mode"]), reference.Rule)
    return (model, rule, *reference.on_device(theta, episodes, counted, dtype))


def _record(result):
    """(model, parameters, episodes, which tasks count, what was recorded of these), checked."""
    losses = _arrays(result.losses)
    recorded = {
        "meta_gradient": _arrays(result.meta_gradient),
        "adapted": _arrays(result.parameters("adapted")),
        "losses": {name: losses[name] for name in ("query_loss", "support_loss") if name in losses},
    }
    theta, episodes = _arrays(result.parameters("initial")), _arrays(result.episodes)
    model = _check(result, theta, episodes, recorded)
    # Tasks that diverged were left out of the mean.
    counted = np.isfinite(recorded["losses"]["query_loss"])
    for group in ("adapted", "losses"):
        recorded[group] = {name: values[counted] for name, values in recorded[group].items()}
    return model, theta, episodes, counted, recorded


def _rule(deck, mode, make):
    """The rule of the recorded meta-gradient, that of the last outer step."""
    steps = int(deck["inner.steps"])
    rule = {name: deck[f"inner.{name}"] for name in make._fields if f"inner.{name}" in deck}
    for name in ("rate", "momentum", "beta1", "beta2", "epsilon", "proximal"):
        if name in rule:
            rule[name] = float(rule[name])
    swept = {"full": steps}.get(mode, 0)
    if mode == "truncated":
        swept = min(int(deck["meta.last"]), steps)
    if mode == "hybrid" and max(int(deck["outer.steps"]) - 1, 0) % int(deck["meta.every"]) == 0:
        swept = steps
    return make(**rule | {"steps": steps, "mode": mode, "swept": swept})


def _arrays(data):
    return {name: np.asarray(values.values) for name, values in data.data_vars.items()}


def _norm(values):
    return np.sqrt(sum(np.sum(np.square(value)) for value in values))


def _errors(values, reference):
    floor = SMALL_COMPONENT * _norm(reference.values())
    errors = {}
    for name, expected in reference.items():
        size = max(_norm([expected]), floor)
        difference = _norm([np.asarray(values[name], np.float64) - expected])
        errors[name] = difference / size if size > 0.0 else difference
    return errors


def _check(result, theta, episodes, recorded):
    """The model, after names and shapes agree with it, so that a difference that follows is one of numbers."""

    def fault(text):
        return ResultError(f"{result.path}: {text}")

    y, rank = ("target", 3) if "target_support" in episodes else ("y", 2)
    for name, axes in (("x_support", 4), (f"{y}_support", rank), ("x_query", 4), (f"{y}_query", rank)):
        if name not in episodes:
            raise fault(f"/episodes has no {name}")
        if episodes[name].ndim != axes or episodes[name].size == 0:
            raise fault(f"/episodes/{name} has the shape {episodes[name].shape}, not {axes} axes")
    tasks, _, tokens, features = episodes["x_support"].shape
    outputs = result.deck["task.classes"] if y == "y" else episodes["target_support"].shape[-1]
    model = model_of(result.deck, tokens, features, outputs)
    shapes = parameter_shapes(model)
    if shapes is None:
        raise fault(f"verify knows the models {', '.join(MODELS)}, not {model.kind}")
    for name in ("y_support", "y_query") if y == "y" else ():
        labels = episodes[name]
        if labels.min() < 0 or labels.max() >= outputs:
            raise fault(f"/episodes/{name} has a label outside 0 to {outputs - 1}")
    learned = dict(shapes)
    if "inner.rates" in result.deck and result.deck["inner.rates"] == "learned":
        learned.update({f"rate_{name}": shape for name, shape in shapes.items()})
    for place, arrays, expected in (
        ("/parameters/initial", theta, learned),
        ("/meta_gradient", recorded["meta_gradient"], learned),
        ("/parameters/adapted", recorded["adapted"],
         {name: (tasks, *shape) for name, shape in shapes.items()}),
        ("/losses", recorded["losses"],
         {name: (tasks,) for name in ("query_loss", "support_loss")}),
    ):
        for name, shape in expected.items():
            if name not in arrays:
                raise fault(f"{place} has no {name}")
            if arrays[name].shape != shape:
                raise fault(f"{place}/{name} has the shape {arrays[name].shape}, not {shape}")
    return model
