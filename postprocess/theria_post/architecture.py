# SPDX-License-Identifier: Apache-2.0
"""The models of theria: what a deck says of one, and the parameters that it has."""

from typing import NamedTuple


MODELS = ("tiny_attention", "transformer", "mlp", "linear")


class Model(NamedTuple):
    """The keys model.* of a deck, and the shapes that its task decides."""

    kind: str
    width: int
    tokens: int
    features: int
    outputs: int  # classes, or numbers to predict
    layers: int = 0
    heads: int = 1
    causal: bool = False
    attention: str = "softmax"
    readout: str = "first"


def model_of(deck, tokens, features, outputs):
    """The deck's model, for data of these shapes."""
    given = {name: deck[f"model.{name}"] for name in Model._fields if f"model.{name}" in deck}
    shapes = {"width": 0, "tokens": tokens, "features": features, "outputs": outputs}
    return Model(**{**shapes, **given, "kind": str(deck["model.kind"])})


def parameter_shapes(model):
    """The shape of every parameter by its name; None for a model that is not known here."""
    width, outputs = model.width, model.outputs
    square, sequence = (width, width), model.tokens * model.features
    if model.kind == "linear":
        return {"weight": (outputs, sequence)}
    if model.kind == "mlp":
        shapes = {}
        for layer in range(model.layers):
            shapes[f"layer{layer}_weight"] = (width, sequence if layer == 0 else width)
            shapes[f"layer{layer}_bias"] = (width,)
        return {**shapes, "head_weight": (outputs, width), "head_bias": (outputs,)}
    if model.kind == "tiny_attention":
        shapes = {name: square for name in ("q_proj", "k_proj", "v_proj")}
        shapes.update(classifier_weight=(outputs, width), classifier_bias=(outputs,))
        if model.features != width:
            shapes["embedding"] = (width, model.features)
        return shapes
    if model.kind != "transformer":
        return None
    shapes = {"embedding": (width, model.features), "positions": (model.tokens, width)}
    for block in range(model.layers):
        part = dict.fromkeys(("norm1_gain", "norm1_bias", "norm2_gain", "norm2_bias", "down_bias"), (width,))
        part.update(dict.fromkeys(("q_proj", "k_proj", "v_proj", "o_proj"), square))
        part.update(up_weight=(4 * width, width), up_bias=(4 * width,), down_weight=(width, 4 * width))
        shapes.update({f"block{block}_{name}": shape for name, shape in part.items()})
    return {**shapes, "norm_gain": (width,), "norm_bias": (width,), "head_weight": (outputs, width),
            "head_bias": (outputs,)}


def is_head(name):
    """Whether a parameter is one of the last layer's, which adapts alone in ANIL."""
    return name == "weight" or name.startswith(("classifier_", "head_"))
