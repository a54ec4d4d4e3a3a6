# SPDX-License-Identifier: Apache-2.0
"""Each bad file: exit code 2, one plain line, no traceback."""

import h5py
import numpy as np
import pytest


def missing(folder, trained):
    return folder / "nowhere.h5", "does not exist"


def a_folder(folder, trained):
    return folder, "is a folder"


def empty(folder, trained):
    path = folder / "empty.h5"
    path.touch()
    return path, "is empty"


def text(folder, trained):
    path = folder / "text.h5"
    path.write_text("these are not the bytes of HDF5\n")
    return path, "is not an HDF5 file"


def cut_off(folder, trained):
    path = folder / "cut.h5"
    path.write_bytes(trained.read_bytes()[:-1000])
    return path, "is cut off"


def other_hdf5(folder, trained):
    path = folder / "other.h5"
    with h5py.File(path, "w") as file:
        file["x"] = np.zeros(3)
    return path, "no result of theria"


def output_of_apply(folder, trained):
    path = folder / "applied.h5"
    with h5py.File(path, "w") as file:
        file.attrs.update({"software": "theria", "operator": "sdpa.hvp"})
        file["d_q"] = np.zeros((1, 1, 2, 2))
    return path, "is what `theria apply sdpa.hvp` wrote, no result of a run"


def column_missing(folder, trained):
    with h5py.File(trained, "a") as file:
        del file["training/query_loss"]
        del file["evaluation/query_loss_after_mean"]
    return trained, "/training has no query_loss"


def column_of_text(folder, trained):
    with h5py.File(trained, "a") as file:
        del file["training/query_loss"]
        file["training/query_loss"] = ["low"] * 300
    return trained, "/training/query_loss is not a row of numbers"


def no_deck(folder, trained):
    with h5py.File(trained, "a") as file:
        del file["deck"]
    return trained, "/deck/effective"


def deck_not_yaml(folder, trained):
    with h5py.File(trained, "a") as file:
        del file["deck/effective"]
        file["deck/effective"] = "inner: [1, 2"
    return trained, "is not YAML"


BAD = (missing, a_folder, empty, text, cut_off, other_hdf5, column_missing, column_of_text,
       no_deck, deck_not_yaml, output_of_apply)


@pytest.mark.parametrize("command", ["show", "plot"])
@pytest.mark.parametrize("make", BAD, ids=lambda make: make.__name__)
def test_bad_file(make, command, tmp_path, trained, capsys, monkeypatch):
    from theria_post.cli import main

    monkeypatch.chdir(tmp_path)
    path, reason = make(tmp_path, trained)
    assert main([command, str(path)]) == 2
    said = capsys.readouterr()
    assert reason in said.err and str(path) in said.err
    assert said.err.startswith("theria-post: ") and said.out == ""
    assert not list(tmp_path.glob("*.png"))


def test_wrong_words_on_the_command_line(run, tmp_path):
    for words in ((), ("paint", "x.h5"), ("show",), ("show", "x.h5", "--fast")):
        said = run(*words)
        assert said.returncode == 2
        assert "usage: theria-post" in said.stderr and "Traceback" not in said.stderr
