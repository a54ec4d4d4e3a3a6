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
)


def quantised(values):
    """Rounded to multiples of 2^-12: the same number in float32 and float64."""
    return np.round(np.asarray(values) * 4096.0) / 4096.0


def make_parameters(features, seed):
    random = np.random.Generator(np.random.PCG64(seed))
    shapes = {
        "q_proj": (WIDTH, WIDTH),
        "k_proj": (WIDTH, WIDTH),
        "v_proj": (WIDTH, WIDTH),
        "classifier_weight": (CLASSES, WIDTH),
        "classifier_bias": (CLASSES,),
    }
    if features != WIDTH:
        shapes["embedding"] = (WIDTH, features)
    return {
        name: quantised(random.uniform(-1.0, 1.0, shape) / np.sqrt(shape[-1]))
        for name, shape in shapes.items()
    }


def make_episodes(features, seed):
    """A prototype a class, placed at two tokens a task; unit noise elsewhere; every class there."""
    random = np.random.Generator(np.random.PCG64(seed))
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
