# SPDX-License-Identifier: Apache-2.0
"""The table of meta-gradient cases, their parameters and episodes. One row a case; NumPy only."""

from dataclasses import dataclass

import numpy as np

TASKS, TOKENS, CLASSES, SUPPORT, QUERY, WIDTH = 3, 6, 3, 6, 6, 8


@dataclass(frozen=True)
class Case:
    name: str
    steps: int
    mode: str = "full"
    features: int = WIDTH
    rate: float = 0.4
    last: int = 0  # mode truncated
    optimizer: str = "sgd"
    momentum: float = 0.9
    beta1: float = 0.9
    beta2: float = 0.99
    epsilon: float = 1e-3
    parameters: str = "all"
    proximal: float = 0.0
    rates: str = "fixed"
    task: str = "sequence_classification"
    model: str = "tiny_attention"
    layers: int = 2
    heads: int = 2
    causal: bool = False
    attention: str = "softmax"
    readout: str = "first"


CASES = (
    Case("full_0", steps=0),
    Case("full_1", steps=1),
    Case("full_5", steps=5),
    Case("full_20", steps=20),
    Case("first_order_5", steps=5, mode="first_order"),
    Case("embedding_full_5", steps=5, features=5),
    Case("embedding_first_order_5", steps=5, features=5, mode="first_order"),
    Case("truncated_2_of_5", steps=5, mode="truncated", last=2),
    Case("embedding_truncated_3_of_4", steps=4, features=5, mode="truncated", last=3),
    Case("momentum_5", steps=5, rate=0.1, optimizer="momentum"),
    Case("momentum_truncated_2_of_4", steps=4, rate=0.1, optimizer="momentum", mode="truncated", last=2),
    Case("adam_5", steps=5, rate=0.02, optimizer="adam"),
    Case("embedding_adam_first_order_3", steps=3, features=5, rate=0.02, optimizer="adam", mode="first_order"),
    Case("adam_truncated_2_of_4", steps=4, rate=0.02, optimizer="adam", mode="truncated", last=2),
    Case("head_5", steps=5, parameters="head"),
    Case("embedding_head_momentum_4", steps=4, features=5, rate=0.1, optimizer="momentum", parameters="head"),
    Case("proximal_5", steps=5, proximal=0.5),
    Case("proximal_momentum_truncated_2_of_4", steps=4, rate=0.1, optimizer="momentum", mode="truncated", last=2,
         proximal=0.5),
    Case("embedding_proximal_head_3", steps=3, features=5, parameters="head", proximal=0.5),
    Case("implicit_5", steps=5, mode="implicit", proximal=2.0),
    Case("embedding_implicit_momentum_6", steps=6, features=5, rate=0.1, optimizer="momentum", mode="implicit",
         proximal=2.0),
    Case("learned_rates_5", steps=5, rates="learned"),
    Case("learned_rates_first_order_3", steps=3, rates="learned", mode="first_order"),
    Case("embedding_learned_rates_head_truncated_2_of_4", steps=4, features=5, rates="learned", parameters="head",
         mode="truncated", last=2),
    Case("learned_rates_proximal_truncated_3_of_5", steps=5, rates="learned", mode="truncated", last=3, proximal=0.5),
    Case("transformer_5", steps=5, features=5, rate=0.1, model="transformer"),
    Case("transformer_causal_momentum_truncated_2_of_4", steps=4, features=5, rate=0.05, model="transformer", causal=True,
         readout="last", optimizer="momentum", mode="truncated", last=2),
    Case("transformer_linear_head_3", steps=3, features=5, rate=0.1, model="transformer", attention="linear",
         readout="mean", parameters="head"),
    Case("linear_attention_regression_5", steps=5, features=4, rate=0.1, task="linear_regression", attention="linear"),
    Case("transformer_regression_first_order_3", steps=3, features=4, rate=0.05, task="linear_regression",
         model="transformer", mode="first_order"),
    Case("mlp_sinusoid_5", steps=5, features=1, rate=0.05, task="sinusoid", model="mlp"),
    Case("mlp_sinusoid_adam_3", steps=3, features=1, rate=0.01, task="sinusoid", model="mlp", optimizer="adam"),
    Case("linear_quadratic_implicit_5", steps=5, features=3, rate=0.1, task="quadratic", model="linear", mode="implicit",
         proximal=2.0),
    Case("linear_quadratic_20", steps=20, features=3, rate=0.05, task="quadratic", model="linear"),
)


def quantised(values):
    """Rounded to multiples of 2^-12: the same number in float32 and float64."""
    return np.round(np.asarray(values) * 4096.0) / 4096.0


def shapes_of(case):
    """The parameters of the case's model."""
    square = (WIDTH, WIDTH)
    outputs = CLASSES if case.task == "sequence_classification" else 1
    if case.model == "linear":
        return {"weight": (outputs, case.features)}
    if case.model == "mlp":
        shapes = {}
        for layer in range(case.layers):
            shapes[f"layer{layer}_weight"] = (WIDTH, WIDTH if layer else case.features)
            shapes[f"layer{layer}_bias"] = (WIDTH,)
        return {**shapes, "head_weight": (outputs, WIDTH), "head_bias": (outputs,)}
    if case.model == "tiny_attention":
        shapes = {"q_proj": square, "k_proj": square, "v_proj": square,
                  "classifier_weight": (outputs, WIDTH), "classifier_bias": (outputs,)}
        return shapes if case.features == WIDTH else {**shapes, "embedding": (WIDTH, case.features)}
    shapes = {"embedding": (WIDTH, case.features), "positions": (TOKENS, WIDTH)}
    for block in range(case.layers):
        part = {"norm1_gain": (WIDTH,), "norm1_bias": (WIDTH,), "q_proj": square, "k_proj": square, "v_proj": square,
                "o_proj": square, "norm2_gain": (WIDTH,), "norm2_bias": (WIDTH,), "up_weight": (4 * WIDTH, WIDTH),
                "up_bias": (4 * WIDTH,), "down_weight": (WIDTH, 4 * WIDTH), "down_bias": (WIDTH,)}
        shapes.update({f"block{block}_{name}": shape for name, shape in part.items()})
    return {**shapes, "norm_gain": (WIDTH,), "norm_bias": (WIDTH,), "head_weight": (outputs, WIDTH),
            "head_bias": (outputs,)}


def make_parameters(case, seed):
    """And, where they are learned, a rate for each of them around the case's."""
    random = np.random.Generator(np.random.PCG64(seed))
    theta = {
        name: quantised(random.uniform(-1.0, 1.0, shape) / np.sqrt(shape[-1]) + name.endswith("gain"))
        for name, shape in shapes_of(case).items()
    }
    if case.rates == "learned":
        for name, shape in shapes_of(case).items():
            theta[f"rate_{name}"] = quantised(case.rate * random.uniform(0.5, 1.5, shape))
    return theta


def make_episodes(case, seed):
    """A prototype a class, placed at two tokens a task; unit noise elsewhere; every class there. Or what is to be
    predicted from noise: random targets do as well as a task's."""
    random = np.random.Generator(np.random.PCG64(seed))
    features = case.features
    if case.task != "sequence_classification":
        tokens = TOKENS if case.task == "linear_regression" else 1
        episodes = {}
        for part, count in (("support", SUPPORT), ("query", QUERY)):
            episodes[f"x_{part}"] = quantised(random.standard_normal((TASKS, count, tokens, features)))
            episodes[f"target_{part}"] = quantised(random.standard_normal((TASKS, count, 1)))
        return episodes
    episodes = {"x_support": [], "y_support": [], "x_query": [], "y_query": []}
    for _ in range(TASKS):
        prototypes = random.standard_normal((CLASSES, features))
        places = random.choice(np.arange(1, TOKENS), size=2, replace=False)
        for part, count in (("support", SUPPORT), ("query", QUERY)):
            y = random.permutation(np.arange(count) % CLASSES)
            x = random.standard_normal((count, TOKENS, features))
            for place in places:
                x[:, place] = prototypes[y] + 0.5 * x[:, place]
            episodes[f"x_{part}"].append(quantised(x))
            episodes[f"y_{part}"].append(y.astype(np.int32))
    return {name: np.stack(values) for name, values in episodes.items()}
