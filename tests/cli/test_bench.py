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
