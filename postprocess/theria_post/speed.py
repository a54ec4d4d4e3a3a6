# SPDX-License-Identifier: Apache-2.0
"""`theria-post speed`: measurements of `theria bench sdpa`, as a roofline and as bars against peers."""

import json
from pathlib import Path

import matplotlib

matplotlib.use("Agg")

import matplotlib.pyplot as plt  # noqa: E402
import numpy as np  # noqa: E402

from theria_post.errors import ResultError  # noqa: E402
from theria_post.plot import QUIET, STYLE  # noqa: E402

OPERATORS = {"forward": "#0072B2", "vjp": "#D55E00", "jvp": "#009E73", "hvp": "#000000"}
MARKERS = {"float64": "s", "float32": "o", "tfloat32": "^", "bfloat16": "D", "float16": "v"}

# Dense peaks by NVIDIA's data sheet, in TFLOP/s of products as theria makes them (float32: three fp16
# products; the narrow types: one), and memory in TB/s. Other devices are drawn without a roof.
ROOFS = {
    "H100": ({"float64": 67.0, "float32": 989.0 / 3, "narrow": 989.0}, 3.35),
    "H200": ({"float64": 67.0, "float32": 989.0 / 3, "narrow": 989.0}, 4.8),
}


def read_lines(path):
    """The JSON objects of a file, one a line."""
    path = Path(path)
    try:
        text = path.read_text()
    except (OSError, UnicodeDecodeError) as error:
        raise ResultError(f"{path} cannot be read: {getattr(error, 'strerror', None) or 'no text'}") from None
    lines = []
    for number, line in enumerate(text.splitlines(), 1):
        try:
            row = json.loads(line)
            row["cell"] = (tuple(row["shape"]), row["causal"], row["precision"], row["op"])
        except (ValueError, KeyError, TypeError):
            raise ResultError(f"{path}:{number}: is no line of `theria bench sdpa --json` or of sdpa_peers.py") from None
        lines.append(row)
    return lines


def own_and_peers(lines):
    """By cell: the median run of theria, and the fastest peer that could do it (or none)."""
    runs, peers = {}, {}
    for row in lines:
        cell = row["cell"]
        if "impl" not in row:
            runs.setdefault(cell, []).append(row)
        elif "ms" in row and (cell not in peers or row["ms"] < peers[cell]["ms"]):
            peers[cell] = row
    if not runs:
        raise ResultError("there is no line of `theria bench sdpa --json` among what was given")
    own = {cell: sorted(rows, key=lambda row: row["ms"])[len(rows) // 2] for cell, rows in runs.items()}
    return own, peers


def cell_name(cell):
    shape, causal, precision, op = cell
    return f"{','.join(map(str, shape))}{' causal' if causal else ''} {precision} {op}"


def figure(lines):
    """The matplotlib figure. Raises ResultError if there is nothing to draw."""
    own, peers = own_and_peers(lines)
    compared = [cell for cell in own if cell in peers]
    with plt.rc_context(STYLE):
        height = max(4.4, 1.6 + 0.22 * len(compared))
        made, axes = plt.subplots(1, 2 if compared else 1, figsize=(12 if compared else 6, height), squeeze=False)
        _draw_roofline(axes[0, 0], own)
        if compared:
            _draw_bars(axes[0, 1], own, peers, compared)
        devices = ", ".join(sorted({row["device"] for row in own.values()}))
        made.text(0.012, 0.985, f"theria on {devices}", va="top", fontsize=12, weight="bold")
        made.tight_layout(rect=(0, 0, 1, 0.95), w_pad=2.5)
    return made


def _draw_roofline(axis, own):
    seen = set()
    for (_, _, precision, op), row in own.items():
        operations = row["tflops"] * row["ms"] * 1e9
        label = f"{op}, {precision}"
        axis.loglog(operations / row["argument_bytes"], row["tflops"], linestyle="none", marker=MARKERS[precision],
                    color=OPERATORS.get(op, QUIET), markersize=6, label=None if label in seen else label)
        seen.add(label)
    device = next(iter(own.values()))["device"]
    for name, (peaks, bandwidth) in ROOFS.items():
        if name in device:
            _draw_roofs(axis, peaks, bandwidth, {cell[2] for cell in own})
    axis.set_xlabel("useful operations a byte of inputs and outputs")
    axis.set_ylabel("useful TFLOP/s")
    axis.set_title("roofline")
    axis.legend(fontsize=7, ncol=2, loc="best")


def _draw_roofs(axis, peaks, bandwidth, precisions):
    left, right = axis.get_xlim()
    right = max(right, 2 * max(peaks.values()) / bandwidth)
    x = np.geomspace(left, right, 200)
    for kind, peak in peaks.items():
        if kind in precisions or (kind == "narrow" and precisions - set(peaks)):
            axis.loglog(x, np.minimum(peak, bandwidth * x), color=QUIET, linewidth=1.0, zorder=0)
            axis.annotate(f"{kind}, {peak:.0f}", (right, peak), ha="right", va="bottom", fontsize=7, color=QUIET)


def _draw_bars(axis, own, peers, compared):
    order = sorted(compared, key=lambda cell: peers[cell]["ms"] / own[cell]["ms"], reverse=True)
    ratios = [peers[cell]["ms"] / own[cell]["ms"] for cell in order]
    axis.barh(range(len(order)), ratios, color=[OPERATORS.get(cell[3], QUIET) for cell in order], height=0.7)
    axis.axvline(1.0, color="#1a1a1a", linewidth=1.0)
    axis.set_yticks(range(len(order)), [cell_name(cell) for cell in order], fontsize=7)
    for place, (cell, ratio) in enumerate(zip(order, ratios, strict=True)):
        axis.annotate(f" {ratio:.2f}  {peers[cell]['impl']}", (ratio, place), va="center", fontsize=7)
    axis.set_xlim(0, 1.35 * max(*ratios, 1.0))
    axis.grid(axis="y", visible=False)
    axis.set_xlabel("times as fast as the fastest peer")
    axis.set_title("against peers; left of 1 the peer is faster")
