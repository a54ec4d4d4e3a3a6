# SPDX-License-Identifier: Apache-2.0
"""The same deck gives the same bits, and a result file is there whole or not at all."""

import pathlib
import signal
import subprocess
import time

import numpy
import pytest

h5py = pytest.importorskip("h5py")

INPUTS = pathlib.Path(__file__).resolve().parents[2] / "inputs"
DECKS = [INPUTS / "test" / f"{name}.yaml"
         for name in ("digits_small", "sequence_small", "sequence_float32", "adam_truncated", "hybrid_head",
                      "reptile", "transformer_small", "waves_small", "in_context_small", "quadratic_small")]
NUMBERS = ("training", "evaluation", "parameters", "episodes", "meta_gradient", "losses", "excluded", "certificate")


def numbers_of(path):
    """Every number that a run computed, by name; times are not among them."""
    found = {}

    def keep(name, item):
        computed = name.split("/")[0] in NUMBERS and not name.endswith("seconds")
        if computed and isinstance(item, h5py.Dataset) and item.dtype.kind in "iuf":
            found[name] = item[()]

    with h5py.File(path) as file:
        file.visititems(keep)
    return found


def assert_same_bits(one, other):
    first, second = numbers_of(one), numbers_of(other)
    assert first and first.keys() == second.keys()
    for name, value in first.items():
        assert numpy.asarray(value).tobytes() == numpy.asarray(second[name]).tobytes(), name


@pytest.mark.parametrize("deck", DECKS, ids=lambda p: p.stem)
def test_same_bits_for_any_number_of_threads(theria, deck):
    outputs = [theria.run_deck(deck, f"threads{n}.h5", OMP_NUM_THREADS=str(n))
               for n in (1, 2, 4)]
    assert_same_bits(outputs[0], outputs[1])
    assert_same_bits(outputs[0], outputs[2])


@pytest.mark.parametrize("deck", DECKS, ids=lambda p: p.stem)
def test_same_bits_for_any_batch(theria, deck):
    outputs = [theria.run_deck(deck, f"batch{n}.h5", f"meta.batch={n}")
               for n in (0, 1, 3, 32, 1000)]
    for output in outputs[1:]:
        assert_same_bits(outputs[0], output)


@pytest.mark.parametrize("deck", DECKS, ids=lambda p: p.stem)
def test_the_effective_deck_runs_again_to_the_same_bits(theria, deck):
    first = theria.run_deck(deck, "first.h5", "inner.rate=0.123456789")
    with h5py.File(first) as file:
        effective = file["deck/effective"].asstr()[()]
        assert file["deck/raw"].asstr()[()] == deck.read_text()
    (theria.folder / "again.yaml").write_text(effective)
    assert_same_bits(first, theria.run_deck("again.yaml", "second.h5"))


def test_another_seed_gives_other_numbers(theria):
    deck = INPUTS / "test" / "sequence_small.yaml"
    one = numbers_of(theria.run_deck(deck, "one.h5"))
    other = numbers_of(theria.run_deck(deck, "other.h5", "seed=12"))
    name = "meta_gradient/q_proj"
    assert one[name].tobytes() != other[name].tobytes()


def test_a_killed_run_leaves_no_result(theria):
    deck = INPUTS / "test" / "long.yaml"
    process = theria.start("run", deck, "--output", "out.h5", stdout=subprocess.PIPE, text=True)
    for line in process.stdout:
        if line.startswith("memory"):
            break
    time.sleep(0.5)
    process.send_signal(signal.SIGKILL)
    process.wait()
    process.stdout.close()
    assert theria.names() == []
    assert theria.run_deck(deck, "out.h5", "outer.steps=1").exists()


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL])
def test_a_run_killed_while_it_writes_leaves_a_whole_file_and_no_other(theria, how):
    deck = INPUTS / "test" / "sequence_small.yaml"
    words = ["run", deck, "--output", "out.h5", "--overwrite"]
    start = time.monotonic()
    assert theria(*words).returncode == 0
    whole = time.monotonic() - start
    for share in numpy.linspace(0.3, 1.1, 9):
        process = theria.start(*words, stdout=subprocess.DEVNULL)
        time.sleep(whole * share)
        process.send_signal(how)
        process.wait()
        assert "meta_gradient/q_proj" in numbers_of(theria.folder / "out.h5")
        # Where the file system has no nameless files, nothing can be done against SIGKILL.
        hidden = how == signal.SIGKILL
        assert [n for n in theria.names() if not (hidden and n.startswith("."))] == ["out.h5"]


@pytest.mark.parametrize("heads", [1, 9], ids=["two owners", "whole heads"])
@pytest.mark.parametrize("precision", ["float64", "float32", "bfloat16"])
def test_an_operator_for_any_number_of_threads(theria, heads, precision):
    random = numpy.random.default_rng(1)
    with h5py.File(theria.folder / "in.h5", "w") as file:
        for name in ("q", "k", "v", "d_o", "q_dot", "k_dot", "v_dot", "d_o_dot"):
            file[name] = random.standard_normal((2, heads, 150, 20))
        file["key_lengths"] = numpy.array([150, 67])
    results = []
    for threads in (1, 2, 4):
        done = theria("apply", "sdpa.hvp", "--input", "in.h5", "--output", f"{threads}.h5", "--backend", "openmp",
                      "--precision", precision, "--causal", OMP_NUM_THREADS=str(threads))
        assert done.returncode == 0, done.stderr
        with h5py.File(theria.folder / f"{threads}.h5") as file:
            results.append({name: file[name][()].tobytes() for name in file if name.startswith("d_")})
    assert results[0] and results[0] == results[1] == results[2]
