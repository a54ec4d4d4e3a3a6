# SPDX-License-Identifier: Apache-2.0
"""What can go wrong for a reason the user can do something about."""


class ResultError(Exception):
    """A file that is missing, broken, or not what was asked for. The text says which and why."""


class OutputError(Exception):
    """The file system would not take what was to be written."""
