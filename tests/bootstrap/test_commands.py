# SPDX-License-Identifier: Apache-2.0
"""./bootstrap as a user calls it."""

import subprocess


def bootstrap(root, *words, **more):
    return subprocess.run([root / "bootstrap", *words], capture_output=True, text=True, check=False, **more)


def test_help_names_every_command(root):
    shown = bootstrap(root, "--help")
    assert shown.returncode == 0
    for command in ("run", "build", "test", "doctor"):
        assert command in shown.stdout


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


def test_doctor_lists_tools_and_packages(root):
    shown = bootstrap(root, "doctor")
    for row in ("cmake", "libhdf5-dev", "THERIA_KOKKOS_SOURCE", "cores"):
        assert row in shown.stdout
