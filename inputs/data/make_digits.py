#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Write digits.h5 from the copy of the UCI handwritten digits that scikit-learn carries.

    python3 -m pip install scikit-learn h5py
    python3 inputs/data/make_digits.py            # writes digits.h5 beside this script
    python3 inputs/data/make_digits.py --check    # compares the one that is there, writes nothing

Needed only to make the file again: theria reads digits.h5 and never this script.
"""

import argparse
import hashlib
import sys
from pathlib import Path

import h5py
import numpy as np

OUTPUT = Path(__file__).with_name("digits.h5")

ATTRIBUTES = {
    "Conventions": "theria-1",
    "title": "Optical recognition of handwritten digits (test set)",
    "source": "UCI Machine Learning Repository, data set 80, "
    "as shipped in scikit-learn (load_digits)",
    "creators": "E. Alpaydin, C. Kaynak",
    "licence": "CC BY 4.0",
    "references": "C. Kaynak (1995), MSc thesis, Bogazici University; "
    "E. Alpaydin and C. Kaynak (1998), Cascading Classifiers, Kybernetika 34(4); "
    "https://doi.org/10.24432/C50P49",
    "changes": "counts stored as uint8 images of 8 rows and 8 columns; order and values unchanged",
}


def load():
    """Images (1797,8,8) and labels (1797) as uint8, checked against what the set is known to be."""
    from sklearn.datasets import load_digits

    digits = load_digits()
    images = digits.images.astype(np.uint8)
    labels = digits.target.astype(np.uint8)
    if images.shape != (1797, 8, 8) or labels.shape != (1797,):
        raise SystemExit(f"unexpected shapes: images {images.shape}, labels {labels.shape}")
    if not np.array_equal(images, digits.images) or images.max() != 16:
        raise SystemExit("the images are not whole numbers from 0 to 16")
    if set(labels) != set(range(10)):
        raise SystemExit(f"the labels are {sorted(set(labels))}, not 0 to 9")
    return images, labels


def content_sha256(images, labels):
    """SHA-256 of the pixel bytes, then the label bytes: independent of how HDF5 stores them."""
    return hashlib.sha256(images.tobytes() + labels.tobytes()).hexdigest()


def write(path, images, labels):
    """The same bytes each time with the same HDF5 library: no time stamps."""
    scales = {
        "image": (np.arange(len(labels), dtype=np.int32), "index of the image", "1"),
        "row": (np.arange(8, dtype=np.int32), "row of the image, from the top", "pixel"),
        "column": (np.arange(8, dtype=np.int32), "column of the image, from the left", "pixel"),
    }
    with h5py.File(path, "w", libver="earliest") as file:
        for key, value in ATTRIBUTES.items():
            file.attrs[key] = value
        file.attrs["content_sha256"] = content_sha256(images, labels)
        for name, (values, long_name, units) in scales.items():
            scale = file.create_dataset(name, data=values, track_times=False)
            scale.make_scale(name)
            scale.attrs.update(long_name=long_name, units=units)
        data = {
            "images": (images, ("image", "row", "column"), "pixels on in a 4 by 4 block", "pixel"),
            "labels": (labels, ("image",), "the digit drawn", "1"),
        }
        for name, (values, axes, long_name, units) in data.items():
            dataset = file.create_dataset(
                name, data=values, chunks=values.shape, compression="gzip", compression_opts=9,
                shuffle=True, track_times=False,
            )
            dataset.attrs.update(long_name=long_name, units=units)
            for axis, scale in enumerate(axes):
                dataset.dims[axis].attach_scale(file[scale])
        file["images"].attrs["valid_range"] = np.array([0, 16], dtype=np.uint8)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="compare digits.h5, write nothing")
    check = parser.parse_args().check
    images, labels = load()
    if not check:
        write(OUTPUT, images, labels)
    with h5py.File(OUTPUT, "r") as file:
        same = np.array_equal(file["images"], images) and np.array_equal(file["labels"], labels)
    digest = hashlib.sha256(OUTPUT.read_bytes()).hexdigest()
    print(f"file     SHA-256 {digest}  {OUTPUT.name} ({OUTPUT.stat().st_size} bytes)")
    print(f"content  SHA-256 {content_sha256(images, labels)}")
    print("content is scikit-learn's" if same else "content differs from scikit-learn's")
    return 0 if same else 1


if __name__ == "__main__":
    sys.exit(main())
