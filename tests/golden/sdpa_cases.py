# SPDX-License-Identifier: Apache-2.0
"""The table of attention cases and their inputs. One row a case; NumPy only."""

import math
from dataclasses import dataclass, field

import numpy as np


@dataclass(frozen=True)
class Case:
    description: str
    b: int = 2
    h: int = 2
    tq: int = 5
    tk: int = 5
    d: int = 3
    dv: int = 3
    causal: bool = False
    scale: float | None = None  # None: 1/sqrt(d)
    key_lengths: tuple | None = None
    bias: tuple | None = None  # (b|1, h|1)
    bias_masks: bool = False  # -inf in about a third of the bias, and in all of its row 1
    poison: bool = False  # NaN in k, v, k_dot, v_dot beyond the key length
    mean: float = 0.0  # added to k, v, k_dot
    factor: float = 1.0  # multiplies q and k
    bias_dot_shift: float = 0.0
    missing: tuple = field(default=())  # tangents left out of the file: they count as zero
    accuracy: float = 5e-15  # of the stored values, against the formulas in extended precision

    @property
    def scale_used(self):
        return 1.0 / math.sqrt(self.d) if self.scale is None else self.scale


CASES = (
    Case("plain"),
    Case("more keys than rows", tq=4, tk=7),
    Case("values wider than queries and keys", d=3, dv=6),
    Case("causal, more keys than rows", tq=4, tk=7, causal=True),
    Case("causal, more rows than keys: the first rows see nothing", tq=7, tk=4, causal=True),
    Case("key lengths, one of them zero", b=3, h=1, tk=6, key_lengths=(0, 3, 6)),
    Case("key lengths, NaN beyond them", tk=6, key_lengths=(4, 1), poison=True),
    Case("bias", bias=(2, 2)),
    Case("bias, one for all batches", bias=(1, 2)),
    Case("bias, one for all heads", bias=(2, 1)),
    Case("bias, one for all", bias=(1, 1)),
    Case("bias that masks, a whole row too", bias=(1, 2), bias_masks=True),
    Case("scale given", scale=0.7),
    Case("one row, one key, one feature", b=1, h=1, tq=1, tk=1, d=1, dv=1),
    Case("scores near 100", d=4, factor=8.0, accuracy=1e-12),
    Case("keys, values of mean 3 and a bias tangent of 100: a one-pass tangent would cancel",
         bias=(1, 1), mean=3.0, bias_dot_shift=100.0, accuracy=1e-12),
    Case("tangents of the bias and of d_o left out", bias=(1, 1), missing=("bias_dot", "d_o_dot")),
    Case("no keys at all", h=1, tq=3, tk=0),
    Case("everything together: causal, lengths, NaN beyond them, a masking bias, scale, dv != d",
         b=3, tq=4, tk=6, d=3, dv=5, causal=True, scale=0.9, key_lengths=(0, 4, 6), bias=(1, 2),
         bias_masks=True, poison=True),
)


def quantised(values):
    """Rounded to multiples of 2^-10: the same number in float32 and float64."""
    return np.round(np.asarray(values) * 1024.0) / 1024.0


def make_inputs(case, seed):
    """The data sets of one case under the names `theria apply` reads, all float64 or int32."""
    random = np.random.Generator(np.random.PCG64(seed))

    def normal(*shape):
        return quantised(random.standard_normal(shape))

    shapes = {
        "q": (case.b, case.h, case.tq, case.d),
        "k": (case.b, case.h, case.tk, case.d),
        "v": (case.b, case.h, case.tk, case.dv),
    }
    if case.bias is not None:
        shapes["bias"] = (*case.bias, case.tq, case.tk)
    inputs = {}
    for name, shape in shapes.items():
        inputs[name] = normal(*shape)
        inputs[f"{name}_dot"] = normal(*shape)
    for name in ("d_o", "d_o_dot"):
        inputs[name] = normal(case.b, case.h, case.tq, case.dv)
    for name in ("q", "k"):
        inputs[name] = inputs[name] * case.factor
    for name in ("k", "v", "k_dot"):
        inputs[name] = inputs[name] + case.mean
    if case.bias is not None:
        inputs["bias_dot"] = inputs["bias_dot"] + case.bias_dot_shift
    if case.bias_masks:
        inputs["bias"][random.random(inputs["bias"].shape) < 0.3] = -np.inf
        inputs["bias"][:, :, 1, :] = -np.inf
    if case.key_lengths is not None:
        inputs["key_lengths"] = np.asarray(case.key_lengths, dtype=np.int32)
        if case.poison:
            for b, length in enumerate(case.key_lengths):
                for name in ("k", "v", "k_dot", "v_dot"):
                    inputs[name][b, :, length:] = np.nan
    return {name: values for name, values in inputs.items() if name not in case.missing}


def complete(inputs):
    """(x, x_dot, d_o, d_o_dot, key_lengths) with zeros for the tangents left out."""
    x = {name: inputs[name] for name in ("q", "k", "v", "bias") if name in inputs}
    x_dot = {name: inputs.get(f"{name}_dot", np.zeros_like(value)) for name, value in x.items()}
    d_o = inputs["d_o"]
    d_o_dot = inputs.get("d_o_dot", np.zeros_like(d_o))
    return x, x_dot, d_o, d_o_dot, inputs.get("key_lengths")
