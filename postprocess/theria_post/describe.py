# SPDX-License-Identifier: Apache-2.0
"""What a run did, in words, from its effective deck."""

MODES = {
    "full": "full MAML",
    "first_order": "first-order MAML",
    "first_order_strict": "first-order MAML (strict)",
    "truncated": "truncated MAML",
    "hybrid": "hybrid MAML",
    "reptile": "Reptile",
    "implicit": "implicit MAML",
}


def plural(count, thing):
    return f"{count} {thing}" if count == 1 else f"{count} {thing}s"


def inner_rule(deck):
    """" of adam on the head alone", or nothing for plain gradient descent on all parameters."""
    optimizer = deck["inner.optimizer"] if "inner.optimizer" in deck else "sgd"
    words = "" if optimizer == "sgd" else f" of {optimizer}"
    head = "inner.parameters" in deck and deck["inner.parameters"] == "head"
    near = float(deck["inner.proximal"]) if "inner.proximal" in deck else 0.0
    if "inner.rates" in deck and deck["inner.rates"] == "learned":
        words += " by learned rates that start"
    return words + (" on the head alone" if head else "") + (f" with proximal {near:g}" if near else "")


def method(result):
    """full MAML, 5 inner steps at rate 0.4, adam at rate 0.001, meta-batch of 16 tasks, float32"""
    deck = result.deck
    mode = deck["meta.mode"]
    words = [
        MODES.get(mode, str(mode)),
        f"{plural(deck['inner.steps'], 'inner step')}{inner_rule(deck)} at rate {deck['inner.rate']}",
    ]
    if deck["outer.steps"]:
        words.append(f"{deck['outer.optimizer']} at rate {deck['outer.rate']}")
    words.append(f"meta-batch of {plural(deck['meta.tasks'], 'task')}")
    words.append(result.provenance.get("precision", "unknown precision"))
    return ", ".join(words)


def task(result):
    """digits, 4 classes, 20 support and 20 query sequences, 9 tokens of 16 features"""
    deck = result.deck
    kind, tokens, features = deck["task.kind"], deck["task.tokens"], deck["task.features"]
    classes = deck["task.classes"] if "task.classes" in deck else None
    if classes == 0 or not tokens:  # 0: as in the user's file
        return f"{kind} {deck['task.file']}"
    what = f"{kind}, " + (f"{classes} classes, " if classes else "")
    if tokens == 1:
        return what + f"{deck['task.support']} support and {deck['task.query']} query points of " + plural(
            features, "feature")
    return what + (
        f"{deck['task.support']} support and {deck['task.query']} query sequences, "
        f"{tokens} tokens of {plural(features, 'feature')}"
    )


def model(result):
    """transformer of width 256, 4 layers, 8 heads, causal"""
    deck = result.deck
    words = str(deck["model.kind"])
    if "model.width" in deck:
        words += f" of width {deck['model.width']}"
    for key, thing in (("model.layers", "layer"), ("model.heads", "head")):
        if key in deck:
            words += ", " + plural(deck[key], thing)
    if "model.causal" in deck and deck["model.causal"]:
        words += ", causal"
    if "model.attention" in deck and deck["model.attention"] == "linear":
        words += ", linear attention"
    return words
