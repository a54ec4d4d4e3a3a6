# SPDX-License-Identifier: Apache-2.0
"""A result file of theria as xarray data sets."""

import re
from functools import cached_property
from pathlib import Path

import h5py
import numpy as np
import xarray as xr
import yaml

from theria_post.errors import ResultError
from theria_post.files import open_hdf5, unreadable

UNRECORDED = "the run recorded nothing (run it again with --set output.record=true)"
ABSENT = {
    "training": "the run made no outer steps (outer.steps: 0)",
    "evaluation": "the run evaluated no tasks (evaluation.tasks: 0)",
    "certificate": "its mode is not implicit",
    "episodes": UNRECORDED,
    "losses": UNRECORDED,
    "meta_gradient": UNRECORDED,
    "parameters/initial": UNRECORDED,
    "parameters/adapted": UNRECORDED,
}


class _Loader(yaml.SafeLoader):
    """Reads 1e-08 as a number, as YAML 1.2 and theria do; YAML 1.1 takes it for a word."""


_Loader.yaml_implicit_resolvers = {
    first: list(rules) for first, rules in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_Loader.add_implicit_resolver(
    "tag:yaml.org,2002:float",
    re.compile(r"^[-+]?[0-9]+[eE][-+]?[0-9]+$"),
    list("-+0123456789"),
)


class Deck:
    """The deck of a run: `raw` as the user wrote it, `effective` with every default filled in."""

    def __init__(self, where, texts):
        self._where = where
        self.raw = texts.get("raw", "")
        self.effective = texts.get("effective", "")
        self.path = texts.get("path", "")
        self.overrides = texts.get("overrides", "")

    @cached_property
    def values(self):
        """The effective deck as nested dictionaries."""
        try:
            values = yaml.load(self.effective, Loader=_Loader)  # noqa: S506 - a SafeLoader
        except yaml.YAMLError as error:
            raise ResultError(f"{self._where}: /deck/effective is not YAML: {error}") from None
        if not isinstance(values, dict):
            raise ResultError(f"{self._where}: /deck/effective holds no keys")
        return values

    def __getitem__(self, key):
        """deck["inner.steps"] from the effective deck."""
        value = self.values
        for part in key.split("."):
            if not isinstance(value, dict) or part not in value:
                raise ResultError(f"{self._where}: the deck in /deck/effective has no key {key}")
            value = value[part]
        return value

    def __contains__(self, key):
        """Whether the effective deck has a key; a deck of an older theria may not."""
        try:
            self[key]
        except ResultError:
            return False
        return True


class Result:
    """One result file. A group is read when it is first asked for and then kept.

    A group that is not in the file raises ResultError; `"training" in result` asks first.
    """

    def __init__(self, path, provenance, texts, groups):
        self.path = Path(path)
        self.provenance = provenance
        self.deck = Deck(self.path, texts)
        self._groups = groups
        self._read = {}

    def __contains__(self, group):
        return group.strip("/") in self._groups

    def __repr__(self):
        return f"<theria result {self.path}: {', '.join(sorted(self._groups))}>"

    @property
    def training(self):
        """The outer loop: query_loss, query_accuracy, ... over outer_step."""
        return self.group("training")

    @property
    def evaluation(self):
        """Held-out tasks before and after adaptation, over (evaluation, task)."""
        data = self.group("evaluation")
        return data.set_coords("outer_step") if "outer_step" in data else data

    @property
    def episodes(self):
        """The recorded meta-batch: x_support, y_support, x_query, y_query."""
        return self.group("episodes")

    @property
    def meta_gradient(self):
        """The recorded meta-gradient, one variable a parameter, mean over the tasks."""
        return self.group("meta_gradient")

    @property
    def losses(self):
        """The losses of the recorded meta-batch, over task."""
        return self.group("losses")

    def parameters(self, which="final"):
        """One variable a parameter: 'final'; of a record 'initial' or 'adapted' (task first)."""
        if which not in ("initial", "adapted", "final"):
            raise ResultError(f"parameters are 'initial', 'adapted' or 'final', not {which!r}")
        return self.group(f"parameters/{which}")

    def group(self, name):
        """The xarray Dataset of any group that the file has."""
        name = name.strip("/")
        if name not in self._groups:
            reason = f": {ABSENT[name]}" if name in ABSENT else ""
            raise ResultError(f"{self.path} has no /{name}{reason}")
        if name not in self._read:
            try:
                with xr.open_dataset(
                    self.path,
                    engine="h5netcdf",
                    group=name,
                    decode_times=False,
                    phony_dims="sort",  # reads axes without a scale, too
                ) as data:
                    self._read[name] = data.load()
            except (OSError, ValueError, KeyError, RuntimeError) as error:
                raise ResultError(f"{self.path}: cannot read /{name}: {error}") from None
        return self._read[name]

    def numbers(self, group, name):
        """A one-dimensional variable as float64, or a ResultError that names what is odd."""
        data = self.group(group)
        if name not in data.variables:
            raise ResultError(f"{self.path}: /{group} has no {name}")
        values = data[name].values
        if values.ndim != 1 or values.size == 0 or values.dtype.kind not in "iuf":
            raise ResultError(
                f"{self.path}: /{group}/{name} is not a row of numbers "
                f"(shape {values.shape}, type {values.dtype})"
            )
        return values.astype(np.float64)


def _plain(value):
    """An HDF5 attribute or scalar as a Python number or string."""
    if isinstance(value, bytes):
        return value.decode("utf-8", errors="replace")
    if isinstance(value, np.generic):
        return value.item()
    return value


def open_result(path):
    """Reads what every result has; groups follow on demand."""
    with open_hdf5(path) as file:
        try:
            provenance = {name: _plain(value) for name, value in file.attrs.items()}
            if provenance.get("software") != "theria":
                raise ResultError(
                    f"{path} is an HDF5 file but no result of theria: "
                    "its root has no attribute software = theria"
                )
            if "operator" in provenance:
                raise ResultError(
                    f"{path} is what `theria apply {provenance['operator']}` wrote, no result of a "
                    "run. show and plot read what `theria run` writes, verify needs of that a "
                    "recorded meta-gradient (--set output.record=true); `theria info` lists the "
                    "tensors here"
                )
            deck = file.get("deck")
            texts = {}
            if isinstance(deck, h5py.Group):
                texts = {name: _plain(item[()]) for name, item in deck.items()}
            groups = set()
            file.visititems(
                lambda name, item: groups.add(name) if isinstance(item, h5py.Group) else None
            )
        except (OSError, RuntimeError, KeyError, ValueError) as error:
            raise unreadable(path, error) from None
    return Result(path, provenance, texts, groups - {"deck"})
