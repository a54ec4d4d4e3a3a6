# SPDX-License-Identifier: Apache-2.0
"""`theria bench`: what it prints and writes; never how fast it is."""

import json

import pytest

SMALL = ["bench", "sdpa", "--shape", "1,2,40,33,16", "--seconds", "0.01"]
PRODUCTS = {"forward": [2, 2], "vjp": [5, 7], "jvp": [6, 6], "hvp": [15, 27], "jvp_vjp": [15, 27]}
# The errors of N(0, 1) inputs at this size are some units in the last place of each type.
BARS = {"float64": 1e-14, "float32": 2e-6}


@pytest.fixture
def lines(theria, tmp_path):
    file = tmp_path / "speed.jsonl"
    done = theria(*SMALL, "--op", *PRODUCTS, "--precision", *BARS, "--causal", "--json", str(file))
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in file.read_text().splitlines()]


def test_a_line_a_cell(lines):
    assert [(x["precision"], x["op"]) for x in lines] == [(p, o) for p in BARS for o in PRODUCTS]
    for x in lines:
        assert x["shape"] == [1, 2, 40, 33, 16] and x["causal"] and x["backend"] == "openmp" and x["device"]


def test_the_error_is_that_of_the_type(lines):
    for x in lines:
        assert 0 < x["error"] <= BARS[x["precision"]], x


def test_rates_follow_from_times(lines):
    visible = sum(min(max(i + 33 - 40 + 1, 0), 33) for i in range(40))
    for x in lines:
        assert [x["useful_products"], x["executed_products"]] == PRODUCTS[x["op"]]
        assert 0 < x["ms_lower"] <= x["ms"] <= x["ms_upper"]
        flops = PRODUCTS[x["op"]][0] * 2 * 2 * visible * 16
        assert x["tflops"] == pytest.approx(flops / x["ms"] * 1e-9, rel=1e-4)


def test_whole_heads_make_scores_once(theria, tmp_path):
    file = tmp_path / "heads.jsonl"
    done = theria("bench", "sdpa", "--shape", "4,4,40,33,16", "--seconds", "0.01", "--op", "vjp", "hvp",
                  "--json", str(file))
    assert done.returncode == 0, done.stderr
    lines = [json.loads(line) for line in file.read_text().splitlines()]
    assert [(x["op"], x["executed_products"]) for x in lines] == [("vjp", 5), ("hvp", 21)]


def test_memory_beside_the_arguments(lines):
    # On the host an HVP keeps five numbers a query row, a forward nothing.
    extra = {(x["precision"], x["op"]): x["extra_bytes"] for x in lines}
    assert extra["float64", "forward"] == 0
    assert 5 * 8 * 2 * 40 <= extra["float64", "hvp"] < 5 * 8 * 2 * 40 + 256


def test_a_file_is_not_overwritten_unasked(theria, tmp_path):
    file = tmp_path / "speed.jsonl"
    file.write_text("mine")
    done = theria(*SMALL, "--op", "forward", "--json", str(file))
    assert done.returncode == 2
    assert str(file) in done.stderr and file.read_text() == "mine"
    done = theria(*SMALL, "--op", "forward", "--json", str(file), "--overwrite")
    assert done.returncode == 0 and json.loads(file.read_text())["op"] == "forward"


def test_the_table_names_its_units(theria):
    done = theria(*SMALL, "--op", "hvp")
    for word in ("TFLOP/s", "quartiles", "extra MiB", "hvp", "15/27", "1,2,40,33,16"):
        assert word in done.stdout


def deck_in(tmp_path, text):
    deck = tmp_path / "deck.yaml"
    deck.write_text(text)
    return str(deck)


WAVES = "task: {kind: sinusoid}\nmodel: {kind: mlp, width: 8}\nmeta: {tasks: 5}\n"


def test_the_meta_gradient_of_a_deck(theria, tmp_path):
    file = tmp_path / "speed.jsonl"
    deck = deck_in(tmp_path, WAVES + "precision: float64\ninner: {steps: 2, rate: 0.01}\n")
    done = theria("bench", "meta", "--deck", deck, "--precision", "float64", "float32", "--seconds", "0.01",
                  "--json", str(file))
    assert done.returncode == 0, done.stderr
    lines = [json.loads(line) for line in file.read_text().splitlines()]
    assert [(x["precision"], x["tasks"], x["steps"], x["task"], x["model"]) for x in lines] == [
        ("float64", 5, 2, "sinusoid", "mlp"), ("float32", 5, 2, "sinusoid", "mlp")]
    assert lines[0]["error"] is None  # it is the reference itself
    assert 0 < lines[1]["error"] < 1e-5
    assert lines[1]["gflops"] is None


def test_shares_of_the_peaks(theria, tmp_path):
    file = tmp_path / "speed.jsonl"
    done = theria("bench", "meta", "--tasks", "4", "--steps", "2", "--precision", "float64", "float32", "--seconds",
                  "0.01", "--backend", "openmp", "--json", str(file))
    assert done.returncode == 0, done.stderr
    lines = [json.loads(line) for line in file.read_text().splitlines()]
    for line, bytes_of_a_number in zip(lines, (8, 4)):
        numbers = (2 + 2) * 16 * 32 * 64 + 16 * 32 * 64  # support: 2 gradients, 2 products; query: a gradient
        rate = 4 * numbers * bytes_of_a_number / line["ms"] * 1e-6
        assert line["gb_per_s"] == pytest.approx(rate, rel=1e-4)
        assert line["bandwidth_share"] == pytest.approx(rate / line["peak_gb_per_s"], rel=1e-4)
        assert line["flops_share"] == pytest.approx(line["gflops"] / line["peak_gflops"], rel=1e-4)
        assert line["flops_share"] > 0 and line["bandwidth_share"] > 0


@pytest.mark.parametrize(("more", "words", "code", "reason"), [
    ("", ["--precision", "bfloat16"], 2, "softmax attention, which this model has not"),
    ("inner: {steps: 2}\n", ["--tokens", "7"], 2, "--deck"),
    ("inner: {rate: 1000000, steps: 20}\n", [], 1, "diverged"),
])
def test_what_a_deck_can_not_be_timed_with(theria, tmp_path, more, words, code, reason):
    done = theria("bench", "meta", "--deck", deck_in(tmp_path, WAVES + more), "--seconds", "0.01", *words)
    assert done.returncode == code, done.stdout + done.stderr
    assert reason in done.stderr


@pytest.mark.parametrize("mode", ["reptile", "hybrid"])
def test_modes_of_more_than_one_meta_gradient(theria, tmp_path, mode):
    deck = deck_in(tmp_path, WAVES.replace("tasks: 5", f"tasks: 5, mode: {mode}"))
    done = theria("bench", "meta", "--deck", deck, "--seconds", "0.01")
    assert done.returncode == 2
    assert f"meta.mode {mode}" in done.stderr
