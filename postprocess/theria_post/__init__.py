# SPDX-License-Identifier: Apache-2.0
"""Read, draw and verify the result files of theria.

    import theria_post
    result = theria_post.open("quickstart.h5")
    result.training.query_loss.plot()
"""

from theria_post.errors import OutputError, ResultError
from theria_post.result import Deck, Result, open_result

__version__ = "0.1.0"
__all__ = ["Deck", "OutputError", "Result", "ResultError", "open"]


def open(path):  # noqa: A001 - theria_post.open reads as it should
    """The `Result` in the file at `path`. Raises ResultError, in plain words, if it is none."""
    return open_result(path)
