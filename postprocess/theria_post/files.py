# SPDX-License-Identifier: Apache-2.0
"""Opening HDF5 files, with a reason that can be acted on when that fails."""

import errno
import re
from pathlib import Path

import h5py

from theria_post.errors import ResultError

NO_LOCKS = (errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP)


def open_hdf5(path):
    """The file opened for reading, or a ResultError."""
    path = Path(path)
    try:
        if path.is_dir():
            raise ResultError(f"{path} is a folder, not a file")
        if not path.exists():
            raise ResultError(f"{path} does not exist")
        with path.open("rb"):
            pass
        if not h5py.is_hdf5(path):
            empty = "is empty" if path.stat().st_size == 0 else "is not an HDF5 file"
            raise ResultError(f"{path} {empty}")
        return h5py.File(path, "r")
    except OSError as error:
        raise unreadable(path, error) from None


def unreadable(path, error):
    """The ResultError for what the system or the HDF5 library said about a file."""
    if isinstance(error, PermissionError):
        return ResultError(f"{path}: permission denied")
    text = " ".join(str(error).split())
    if "truncated file" in text:
        sizes = re.search(r"eof = (\d+).*stored_eof = (\d+)", text)
        known = f" ({sizes[1]} of {sizes[2]} bytes are there)" if sizes else ""
        return ResultError(f"{path} is cut off{known}: copy it again or run the deck again")
    number = re.search(r"errno = (\d+)", text)
    if number and int(number[1]) in NO_LOCKS:
        return ResultError(
            f"{path}: its file system has no locks; set HDF5_USE_FILE_LOCKING=FALSE and try again"
        )
    return ResultError(f"{path} cannot be read: {text}")
