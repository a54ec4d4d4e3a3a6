# SPDX-License-Identifier: Apache-2.0
"""The package on what the real program writes; with THERIA_BINARY=build/openmp-release/theria."""

import importlib.util
import os
import subprocess
from pathlib import Path

import h5py
import numpy as np
import pytest
import theria_post
from theria_post.cli import main

BINARY = os.environ.get("THERIA_BINARY")
pytestmark = pytest.mark.skipif(not BINARY, reason="THERIA_BINARY is not set")

DECK = """
seed: 3
precision: {precision}
task: {{kind: sequence_classification, tokens: 8, features: 12, classes: 3, support: 6, query: 6}}
model: {{width: 12}}
inner: {{steps: 3, rate: 0.4}}
meta: {{mode: {mode}, tasks: 4}}
outer: {{steps: 4}}
evaluation: {{tasks: 5, every: 2}}
output: {{record: true}}
"""


@pytest.fixture
def real(tmp_path):
    def make(precision="float64", mode="full"):
        deck, output = tmp_path / "deck.yaml", tmp_path / f"{precision}_{mode}.h5"
        deck.write_text(DECK.format(precision=precision, mode=mode))
        words = [str(Path(BINARY).resolve()), "run", str(deck), "--output", str(output)]
        said = subprocess.run(words, capture_output=True, text=True, check=False, cwd=tmp_path)
        assert said.returncode == 0, said.stdout + said.stderr
        return output

    return make


def test_every_group_opens(real, tmp_path, capsys):
    path = real()
    result = theria_post.open(path)
    assert result.training.sizes["outer_step"] == 4
    assert list(result.evaluation.outer_step.values) == [0, 2, 4]
    assert result.episodes.x_support.shape == (4, 6, 8, 12)
    assert set(result.meta_gradient) == set(result.parameters("initial"))
    assert result.deck["inner.steps"] == 3
    assert main(["show", str(path)]) == 0
    assert "full MAML, 3 inner steps" in capsys.readouterr().out
    assert main(["plot", str(path), "--output", str(tmp_path / "curves.png")]) == 0


def test_show_tells_what_an_implicit_meta_gradient_is_worth(tmp_path, capsys):
    deck, output = tmp_path / "deck.yaml", tmp_path / "implicit.h5"
    deck.write_text("precision: float64\ntask: {kind: digits}\n"
                    "inner: {steps: 10, rate: 0.1, proximal: 2}\nmeta: {mode: implicit, tasks: 3}\n")
    subprocess.run([BINARY, "run", str(deck), "--output", str(output)], capture_output=True, check=True)
    assert main(["show", str(output)]) == 0
    said = capsys.readouterr().out
    assert "implicit MAML, 10 inner steps with proximal 2 at rate 0.1" in said
    assert "certificate of 3 implicit systems" in said
    assert "not solved to the tolerance: 0, not positive definite: 0" in said


def test_an_output_of_apply_is_named_for_what_it_is(tmp_path, capsys):
    tensors, output = tmp_path / "in.h5", tmp_path / "out.h5"
    with h5py.File(tensors, "w") as file:
        for name in ("q", "k", "v"):
            file[name] = np.ones((1, 1, 2, 2))
    words = ["apply", "sdpa.forward", "--input", str(tensors), "--output", str(output)]
    subprocess.run([BINARY, *words], capture_output=True, check=True)
    assert main(["verify", str(output)]) == 2
    said = capsys.readouterr().err
    assert f"{output} is what `theria apply sdpa.forward` wrote" in said
    assert "verify needs of that a recorded meta-gradient (--set output.record=true)" in said


@pytest.mark.skipif(importlib.util.find_spec("jax") is None, reason="JAX is not installed")
@pytest.mark.parametrize("precision", ["float64", "float32"])
@pytest.mark.parametrize("mode", ["full", "first_order", "first_order_strict"])
def test_the_recorded_meta_gradient_is_right(real, precision, mode):
    assert main(["verify", str(real(precision, mode))]) == 0
