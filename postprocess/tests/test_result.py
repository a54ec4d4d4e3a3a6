# SPDX-License-Identifier: Apache-2.0
import h5py
import numpy as np
import pytest
import theria_post
import xarray as xr


def test_groups_are_xarray_datasets(trained):
    result = theria_post.open(trained)
    assert result.training.query_loss.dims == ("outer_step",)
    assert result.training.seconds.dtype == np.float64
    assert result.evaluation.query_loss_after.dims == ("evaluation", "task")
    assert list(result.evaluation.outer_step.values) == [0, 75, 150, 225, 300]
    assert "outer_step" in result.evaluation.coords
    assert result.parameters("final").q_proj.dims == ("q_proj_out", "q_proj_in")


def test_the_record(recorded):
    result = theria_post.open(recorded())
    assert result.episodes.x_support.dims == ("task", "support_sequence", "token", "feature")
    assert result.parameters("adapted").q_proj.dims == ("task", "q_proj_out", "q_proj_in")
    assert set(result.meta_gradient) == set(result.parameters("initial"))
    assert result.losses.query_loss.sizes == {"task": 3}


def test_provenance_and_deck_are_plain_python(trained):
    result = theria_post.open(str(trained))
    assert result.provenance["software"] == "theria"
    assert result.provenance["seed"] == 7 and type(result.provenance["seed"]) is int
    assert result.deck.raw == "task: {kind: digits}\n"
    assert result.deck["inner.rate"] == 0.4
    assert result.deck["outer.epsilon"] == 1e-8
    assert result.deck["notes"] == "made by a test"
    with pytest.raises(theria_post.ResultError, match="no key inner.stpes"):
        result.deck["inner.stpes"]


def test_a_group_that_is_not_there_says_why(bare):
    result = theria_post.open(bare)
    assert "training" not in result and "parameters/final" in result
    for read, reason in (
        (lambda: result.training, "outer.steps: 0"),
        (lambda: result.evaluation, "evaluation.tasks: 0"),
        (lambda: result.meta_gradient, "output.record=true"),
        (lambda: result.parameters("adapted"), "output.record=true"),
        (lambda: result.parameters("middle"), "'initial', 'adapted' or 'final'"),
    ):
        with pytest.raises(theria_post.ResultError, match=reason):
            read()


def test_an_axis_without_a_scale_is_read(trained):
    with h5py.File(trained, "a") as file:
        file["training/loose"] = np.zeros(17)
    assert theria_post.open(trained).training.loose.shape == (17,)


def test_the_data_that_come_with_theria_open_too():
    from fabricate import GOLDENS

    data = GOLDENS.parents[2] / "inputs" / "data"
    with xr.open_dataset(data / "digits.h5", engine="h5netcdf") as digits:
        assert digits.images.dims == ("image", "row", "column")
    path = data / "example_episodes.h5"
    with xr.open_dataset(path, engine="h5netcdf", group="episodes") as episodes:
        assert episodes.x_query.dims == ("task", "query_sequence", "token", "feature")
