# SPDX-License-Identifier: Apache-2.0
"""theria-post speed, on lines as `theria bench sdpa` and sdpa_peers.py write them."""

import json

import pytest

from theria_post.cli import main
from theria_post.errors import ResultError
from theria_post.speed import figure, own_and_peers, read_lines

CELL = {"op": "hvp", "shape": [4, 16, 2048, 2048, 64], "causal": False, "precision": "float32"}


def own(ms, **changes):
    return CELL | {"device": "NVIDIA H100", "ms": ms, "tflops": 500.0 / ms, "argument_bytes": 10**8} | changes


def peer(impl, **changes):
    return CELL | {"impl": impl, "device": "NVIDIA H100"} | changes


def written(path, rows):
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def test_the_median_run_and_the_fastest_peer(tmp_path):
    rows = [own(10.0), own(30.0), own(11.0), peer("slow", ms=40.0), peer("fast", ms=20.0), peer("no", refused="why")]
    mine, peers = own_and_peers(read_lines(written(tmp_path / "all.jsonl", rows)))
    assert [row["ms"] for row in mine.values()] == [11.0]
    assert [row["impl"] for row in peers.values()] == ["fast"]


def test_bars_say_how_many_times_as_fast(tmp_path):
    rows = [own(10.0), own(4.0, op="vjp"), peer("fast", ms=20.0), peer("fast", ms=2.0, op="vjp")]
    roofline, bars = figure(read_lines(written(tmp_path / "all.jsonl", rows))).axes
    assert sorted(bar.get_width() for bar in bars.patches) == [0.5, 2.0]
    # 500 GFLOP over 0.1 GB, both cells.
    points = [line for line in roofline.lines if line.get_marker() != "None"]
    assert [line.get_xdata()[0] for line in points] == pytest.approx([5000.0, 5000.0])


def test_without_peers_there_is_the_roofline_alone(tmp_path):
    assert len(figure(read_lines(written(tmp_path / "own.jsonl", [own(1.0)]))).axes) == 1


def test_a_picture_from_the_command_line(tmp_path, capsys):
    lines, picture = written(tmp_path / "own.jsonl", [own(1.0), peer("fast", ms=2.0)]), tmp_path / "speed.png"
    assert main(["speed", str(lines), "--output", str(picture)]) == 0
    assert picture.read_bytes()[:4] == b"\x89PNG" and "wrote" in capsys.readouterr().out


def test_what_is_no_measurement_is_named_with_its_line(tmp_path):
    file = tmp_path / "broken.jsonl"
    file.write_text(json.dumps(own(1.0)) + "\n{}\n")
    with pytest.raises(ResultError, match="broken.jsonl:2: is no line of"):
        read_lines(file)
    with pytest.raises(ResultError, match="no line of `theria bench sdpa --json` among"):
        figure(read_lines(written(tmp_path / "peers.jsonl", [peer("fast", ms=1.0)])))
