# SPDX-License-Identifier: Apache-2.0
"""The table that `theria-post verify` prints."""

from theria_post.describe import MODES, inner_rule, plural

LABELS = {"meta_gradient": "meta-gradient", "adapted": "adapted parameters", "losses": "losses"}


def report(result, verification):
    """The text, without a newline at its end."""
    v = verification
    lines = [
        f"{result.path}: {MODES[v.mode]}, {plural(v.steps, 'inner step')}{inner_rule(result.deck)} at rate {v.rate:g}, "
        f"{plural(v.tasks, 'task')}{f' ({v.left_out} left out)' if v.left_out else ''}, {v.precision}; against JAX in float64",
        f"  {'':<42}{'relative error':>16}{'bound':>12}",
    ]
    for row in v.rows:
        label = f"{LABELS[row.group]}, {row.name}"
        verdict = "ok" if row.ok else "MISMATCH"
        lines.append(f"  {label:<42}{row.error:>16.2e}{row.bound:>12.2e}  {verdict}")
    misses = sum(not row.ok for row in v.rows)
    if misses:
        lines.append(f"{misses} of {len(v.rows)} do not agree")
    else:
        lines.append("all agree: the recorded meta-gradient is the gradient of the adapted loss"
                     if v.mode == "full" else "all agree")
    return "\n".join(lines)
