# SPDX-License-Identifier: Apache-2.0
"""./bootstrap as a user calls it."""

import os
import subprocess

import pytest
from bootstrap import commands


def bootstrap(root, *words, **more):
    return subprocess.run([root / "bootstrap", *words], capture_output=True, text=True, check=False, **more)


def test_help_names_every_command(root):
    shown = bootstrap(root, "--help")
    assert shown.returncode == 0
    for command in ("run", "build", "test", "doctor"):
        assert command in shown.stdout


@pytest.mark.parametrize("command", ["run", "build", "test", "doctor"])
def test_every_command_has_a_description_and_an_example(root, command):
    shown = bootstrap(root, command, "--help")
    assert shown.returncode == 0
    usage, description, *_ = shown.stdout.split("\n\n")
    assert usage.startswith(f"usage: ./bootstrap {command}") and description.endswith(".")
    assert f"example:\n  ./bootstrap {command}" in shown.stdout


def test_a_run_needs_a_deck_alone(root):
    shown = bootstrap(root, "run")
    assert shown.returncode == 2
    assert shown.stderr.endswith("the following arguments are required: DECK\n")


def test_no_command_is_a_usage_error(root):
    assert bootstrap(root).returncode == 2


def test_an_unknown_preset_is_refused_with_the_known_ones(root):
    shown = bootstrap(root, "build", "--preset", "openmp")
    assert shown.returncode == 2
    assert "openmp-release" in shown.stderr


def test_a_deck_that_is_not_there_is_refused_before_anything_is_built(root, tmp_path):
    shown = bootstrap(root, "run", "no-such.yaml", cwd=tmp_path)
    assert shown.returncode == 2
    assert "there is no deck no-such.yaml" in shown.stderr


def test_what_somebody_else_has_built_is_run_as_it_is(tmp_path, monkeypatch, capsys):
    folder = tmp_path / "build" / "openmp-release"
    folder.mkdir(parents=True)
    (tmp_path / "build" / "bootstrap.log").mkdir()  # can't be appended to, by root either
    (tmp_path / "CMakePresets.json").write_text('{"configurePresets": [{"name": "openmp-release"}]}')
    for file in (folder / "theria", tmp_path / "deck.yaml"):
        file.touch()
    monkeypatch.setattr(os, "access", lambda path, mode: path != folder)
    started = []
    monkeypatch.setattr(os, "execv", lambda program, words: started.append(words))
    commands.main(tmp_path, ["run", str(tmp_path / "deck.yaml"), "--dry-run"])
    assert started == [[str(folder / "theria"), "run", str(tmp_path / "deck.yaml"), "--dry-run"]]
    shown = capsys.readouterr()
    assert "running what is built there" in shown.out
    assert shown.err.count("no log") == 1


def test_doctor_lists_tools_and_packages(root):
    shown = bootstrap(root, "doctor")
    for row in ("cmake", "libhdf5-dev", "THERIA_KOKKOS_SOURCE", "cores"):
        assert row in shown.stdout
