# SPDX-License-Identifier: Apache-2.0
"""What does not fit is refused in words; what a run computes is never thrown away."""

import resource
import subprocess

import h5py
import numpy


def deck(theria, text):
    (theria.folder / "deck.yaml").write_text(text)
    return "deck.yaml"


def test_a_plan_beyond_the_memory_is_refused_before_any_work(theria):
    large = deck(theria, "task: {kind: sequence_classification}\nmeta: {tasks: 1000000}\n")
    done = theria("run", large, "--backend", "openmp")
    assert done.returncode == 2
    assert "the run takes" in done.stderr and "a smaller meta.batch than 1000000" in done.stderr
    assert theria.names() == ["deck.yaml"]
    dry = theria("run", large, "--backend", "openmp", "--dry-run")
    assert dry.returncode == 0
    assert dry.stderr == done.stderr.replace("theria: ", "theria: warning: ")


def test_a_batch_of_one_is_not_told_to_be_smaller(theria):
    text = ("precision: float64\ntask: {kind: sequence_classification, tokens: 8000, support: 1000}\n"
            "inner: {steps: 1}\nmeta: {batch: 1}\n")
    done = theria("run", deck(theria, text), "--backend", "openmp")
    assert done.returncode == 2
    assert "the run takes" in done.stderr and "meta.batch" not in done.stderr


def test_more_threads_than_kokkos_runs(theria):
    run = ["run", deck(theria, "task: {kind: digits}\nmeta: {tasks: 1}\n"), "--backend", "openmp"]
    for number in (513, 100000):
        done = theria(*run, f"--kokkos-num-threads={number}")
        assert done.returncode == 2
        assert done.stderr == f"theria: --kokkos-num-threads={number}: Kokkos runs at most 512 threads\n"
    for variable in ("OMP_NUM_THREADS", "KOKKOS_NUM_THREADS"):
        done = theria(*run, **{variable: "600"})
        assert done.returncode == 0, done.stderr
        assert "the environment asks for 600 threads; 512 are used" in done.stderr
        assert "threads   512" in done.stdout


def test_a_deck_of_one_key_shows_and_keeps_its_meta_gradient(theria):
    done = theria("run", deck(theria, "task: {kind: digits}\n"), "--backend", "openmp")
    assert done.returncode == 0, done.stderr
    assert "meta-gradient of 16 tasks: query loss" in done.stdout
    with h5py.File(theria.folder / "deck.h5") as file:
        assert file["meta_gradient/q_proj"].shape == (64, 64)
        assert numpy.any(file["meta_gradient/q_proj"][...] != 0)
        assert file["losses/query_loss"].shape == (16,)


def test_a_diverging_task_is_named_in_words(theria):
    text = "task: {kind: digits}\ninner: {steps: 100, rate: 1000}\n"
    done = theria("run", deck(theria, text), "--backend", "openmp")
    assert done.returncode == 1
    assert "of rate 1000; a smaller inner.rate" in done.stderr
    assert theria.names() == ["deck.yaml"]


def test_scores_beyond_the_type_are_an_error_not_a_mask(theria):
    with h5py.File(theria.folder / "in.h5", "w") as file:
        for name, value in {"q": 1e200, "k": -1e200, "v": 1.0}.items():
            file[name] = numpy.full((1, 1, 1, 1), value)
    done = theria("apply", "sdpa.forward", "--input", "in.h5", "--output", "out.h5",
                  "--backend", "openmp")
    assert done.returncode == 1
    assert "are not finite: the inputs are too large for float64" in done.stderr
    assert theria.names() == ["in.h5"]


IMPLICIT = ("precision: float64\ntask: {kind: digits}\ninner: {steps: 10, rate: 0.1, proximal: %s}\n"
            "meta: {mode: implicit, tasks: 3}\n")


def test_an_implicit_meta_gradient_comes_with_its_certificate(theria):
    done = theria("run", deck(theria, IMPLICIT % 2), "--backend", "openmp")
    assert done.returncode == 0, done.stderr
    assert "certificate: of 3 tasks the worst, " in done.stdout
    assert "of 3 tasks the worst, " in theria("info", "deck.h5").stdout
    with h5py.File(theria.folder / "deck.h5") as file:
        assert numpy.all(file["certificate/residual"][...] <= 1e-5)  # meta.tolerance
        assert numpy.all(file["certificate/iterations"][...] > 0)
        assert numpy.all(file["certificate/positive"][...] == 1)


def test_an_implicit_system_without_a_solution_is_fatal_or_kept(theria):
    run = ["run", deck(theria, IMPLICIT % 0.001), "--backend", "openmp"]
    done = theria(*run)
    assert done.returncode == 1
    assert "training task 0: I + H/rho is not positive definite" in done.stderr
    assert theria.names() == ["deck.yaml"]
    kept = theria(*run, "--set", "meta.unconverged=keep")
    assert kept.returncode == 0, kept.stderr
    with h5py.File(theria.folder / "deck.h5") as file:
        assert numpy.any(file["certificate/positive"][...] == 0)
        assert numpy.any(file["certificate/converged"][...] == 0)
    assert "not solved to the tolerance, " in kept.stdout
    blown = theria(*run, "--set", "inner.proximal=1000", "--set", "inner.steps=200")
    assert blown.returncode == 1
    assert "diverged: its query loss is" in blown.stderr
    short = theria(*run, "--set", "inner.proximal=2", "--set", "meta.iterations=1")
    assert short.returncode == 1
    assert "after 1 products, meta.tolerance is 1e-05" in short.stderr


def test_a_limit_on_the_size_of_files_is_told_like_a_full_disk(theria):
    name = deck(theria, "task: {kind: digits}\n")
    process = theria.start(
        "run", name, "--backend", "openmp", stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (100000, 100000)))
    _, said = process.communicate(timeout=300)
    assert process.returncode == 3
    assert "deck.h5: cannot write: File too large" in said
    assert theria.names() == ["deck.yaml"]
