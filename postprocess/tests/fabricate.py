# SPDX-License-Identifier: Apache-2.0
"""Result files made by h5py as theria lays them out (docs/result_file.md), for the tests."""

from pathlib import Path

import h5py
import numpy as np

GOLDENS = Path(__file__).parents[2] / "tests" / "golden" / "meta_gradient.h5"

DECK = """# theria's effective deck: every key of this run, defaults filled in
seed: 7
precision: {precision}
backend: openmp
task:
  kind: {task}
  tokens: {tokens}
  features: {features}
{classes_line}  support: {support}
  query: {query}
model:
  kind: {model}
  width: {width}
  layers: {layers}
  heads: {heads}
  causal: {causal}
  attention: {attention}
  readout: {readout}
inner:
  steps: {inner_steps}
  rate: {inner_rate}
  optimizer: {optimizer}
  momentum: {momentum}
  beta1: {beta1}
  beta2: {beta2}
  epsilon: {epsilon}
  parameters: {parameters}
  rates: {rates}
  proximal: {proximal}
meta:
  mode: {mode}
  last: {last}
  tasks: {tasks}
outer:
  steps: {outer_steps}
  optimizer: adam
  rate: 0.001
  epsilon: 1e-08
evaluation:
  tasks: {evaluation_tasks}
output:
  record: {record}
notes: "made by a test"
"""

PLAN = {
    "precision": "float64", "tokens": 9, "features": 16, "classes": 4, "support": 20, "query": 20,
    "width": 8, "inner_steps": 5, "inner_rate": 0.4, "mode": "full", "tasks": 3, "outer_steps": 0,
    "evaluation_tasks": 0, "record": "false", "optimizer": "sgd", "momentum": 0.9, "beta1": 0.9, "beta2": 0.99,
    "epsilon": 1e-3, "parameters": "all", "last": 1, "task": "digits", "model": "tiny_attention", "layers": 2,
    "heads": 2, "causal": "false", "attention": "softmax", "readout": "first", "rates": "fixed", "proximal": 0.0,
}


def write(group, name, values, axes, long_name="a test's", units="1"):
    """A data set with a dimension scale on every axis, in its own group."""
    dataset = group.create_dataset(name, data=values)
    dataset.attrs.update(long_name=long_name, units=units)
    for axis, scale in enumerate(axes):
        if scale not in group:
            group[scale] = np.arange(dataset.shape[axis], dtype=np.int32)
            group[scale].make_scale(scale)
        dataset.dims[axis].attach_scale(group[scale])


def write_parameters(group, parameters, task_axis=False):
    for name, values in parameters.items():
        axes = ["task"] if task_axis else []
        axes += [f"{name}_out", f"{name}_in"][: np.ndim(values) - len(axes)]
        write(group, name, values, axes)


def new_result(path, **changes):
    """A result with provenance, deck and final parameters; the caller adds groups and closes it."""
    plan = {**PLAN, **changes}
    file = h5py.File(path, "w")
    file.attrs.update(
        Conventions="theria-1", title="meta-gradient run of theria", software="theria",
        software_version="0.1.0", git_hash="0123456789abcdef", git_dirty=np.int32(0),
        compiler="GNU 12.2.0", kokkos_version="4.7.1", backend="openmp", device="a test's CPU",
        cpu="a test's CPU", threads=np.int32(2), precision=plan["precision"], seed=np.uint64(7),
        command_line="theria run quickstart.yaml", time_start="2026-01-01T10:00:00Z",
        time_end="2026-01-01T10:01:05Z", wall_seconds=65.0, exit_reason="finished",
    )
    deck = file.create_group("deck")
    deck["raw"] = "task: {kind: digits}\n"
    classes_line = f"  classes: {plan['classes']}\n" if plan["classes"] else ""
    deck["effective"] = DECK.format(**plan, classes_line=classes_line)
    deck["path"], deck["overrides"] = "inputs/quickstart.yaml", ""
    random = np.random.default_rng(1)
    width, classes = plan["width"], plan["classes"]
    final = {name: random.normal(size=(width, width)) for name in ("q_proj", "k_proj", "v_proj")}
    final["classifier_weight"] = random.normal(size=(classes or 1, width))
    final["classifier_bias"] = np.zeros(classes or 1)
    write_parameters(file.create_group("parameters/final"), final)
    return file


def write_training(file, steps, classes=True):
    group, random = file.create_group("training"), np.random.default_rng(2)
    progress = 1.0 - np.exp(-np.arange(steps) / 60.0)
    columns = {
        "query_loss": 1.35 - 0.95 * progress + 0.08 * random.standard_normal(steps),
        "query_accuracy": np.clip(
            0.3 + 0.58 * progress + 0.04 * random.standard_normal(steps), 0.0, 1.0),
        "support_loss": np.full(steps, 1.4),
        "meta_gradient_norm": 0.5 + 0.1 * random.random(steps),
        "seconds": np.full(steps, 0.2),
    }
    for name, values in columns.items():
        if "accuracy" in name and not classes:
            continue
        write(group, name, values, ["outer_step"], units="s" if name == "seconds" else "1")


def write_evaluation(file, at_steps, tasks, classes=True):
    group, random = file.create_group("evaluation"), np.random.default_rng(3)
    progress = (1.0 - np.exp(-np.asarray(at_steps) / 60.0))[:, None]
    noise = random.standard_normal((len(at_steps), tasks))
    columns = {
        "query_loss_before": 1.42 + 0.05 * noise,
        "query_loss_after": 1.3 - 0.8 * progress + 0.2 * noise,
        "query_accuracy_before": np.clip(0.25 + 0.05 * noise, 0, 1),
        "query_accuracy_after": np.clip(0.36 + 0.46 * progress - 0.1 * noise, 0, 1),
    }
    for name, values in columns.items():
        if "accuracy" in name and not classes:
            continue
        write(group, name, values, ["evaluation", "task"])
        half_width = 1.96 * values.std(axis=1, ddof=1) / np.sqrt(tasks) if tasks > 1 else np.full(len(values), np.nan)
        write(group, f"{name}_mean", values.mean(axis=1), ["evaluation"])
        write(group, f"{name}_half_width", half_width, ["evaluation"])
    write(group, "outer_step", np.asarray(at_steps, dtype=np.int32), ["evaluation"])


EPISODE_AXES = {
    "x_support": ["task", "support_sequence", "token", "feature"],
    "y_support": ["task", "support_sequence"],
    "x_query": ["task", "query_sequence", "token", "feature"],
    "y_query": ["task", "query_sequence"],
    "target_support": ["task", "support_sequence", "output"],
    "target_query": ["task", "query_sequence", "output"],
}


def golden_result(path, case, precision="float64"):
    """A recorded result whose numbers are a golden case's, rounded to `precision`."""
    with h5py.File(GOLDENS, "r") as goldens:
        golden = goldens[case]
        episodes = {name: item[()] for name, item in golden["episodes"].items()}
        tasks, support, tokens, features = episodes["x_support"].shape
        initial = golden["parameters/initial"]
        file = new_result(
            path, precision=precision, record="true", mode=golden.attrs["mode"], tasks=tasks,
            inner_steps=int(golden.attrs["inner_steps"]), inner_rate=golden.attrs["inner_rate"],
            tokens=tokens, features=features, support=support, width=8,
            query=episodes["x_query"].shape[1], classes=3 if "y_support" in episodes else 0,
            causal="true" if golden.attrs["causal"] else "false",
            **{name: golden.attrs[name] for name in ("optimizer", "momentum", "beta1", "beta2", "epsilon",
                                                     "parameters", "last", "task", "model", "layers", "heads",
                                                     "attention", "readout", "rates", "proximal")},
        )

        def rounded(values):
            values = np.asarray(values)
            return values.astype(precision) if values.dtype.kind == "f" else values

        group = file.create_group("episodes")
        for name, values in episodes.items():
            write(group, name, rounded(values), EPISODE_AXES[name])
        for where in ("parameters/initial", "parameters/adapted", "meta_gradient"):
            values = {name: rounded(item) for name, item in golden[where].items()}
            write_parameters(file.create_group(where), values, task_axis=where.endswith("adapted"))
        group = file.create_group("losses")
        for name in {"query_loss", "query_accuracy", "support_loss"} & set(golden["losses"]):
            write(group, name, golden["losses"][name][()], ["task"])
    return file
