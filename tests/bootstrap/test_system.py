# SPDX-License-Identifier: Apache-2.0
"""Which packages are missing, and what is done about it."""

import pytest
from bootstrap import system

ALL_TOOLS = {"g++": "true", "cmake": "true", "ninja": "true", "git": "true", "ccache": "true"}
DPKG_WITH_HDF5_HALF_INSTALLED = """
for package in "$@"; do
  case $package in
    -*|*'${'*) ;;
    libhdf5-dev) echo "libhdf5-dev half-configured 1.10.8" ;;
    doctest-dev) echo "no packages found matching doctest-dev" >&2 ;;
    *) echo "$package installed 1.0" ;;
  esac
done
exit 1
"""


@pytest.fixture
def two_missing(fake_tools):
    return fake_tools(**ALL_TOOLS, **{"dpkg-query": DPKG_WITH_HDF5_HALF_INSTALLED})


def test_only_what_dpkg_has_completely_installed_counts(two_missing):
    assert system.missing(with_python_side=False) == ["libhdf5-dev", "doctest-dev"]


def test_a_tool_in_path_counts_whoever_installed_it(fake_tools):
    tools = dict(ALL_TOOLS)
    del tools["ninja"]
    fake_tools(**tools, **{"dpkg-query": DPKG_WITH_HDF5_HALF_INSTALLED})
    assert system.missing(with_python_side=False)[0] == "ninja-build"


def test_an_ordinary_user_gets_one_line_to_type(two_missing, console, ordinary_user):
    with pytest.raises(system.NeedsUser) as stop:
        system.ensure(with_python_side=False, console=console)
    assert "sudo apt-get install -y --no-install-recommends libhdf5-dev doctest-dev" in str(stop.value)


def test_sudo_without_password_installs(fake_tools, console, ordinary_user, tmp_path):
    calls = tmp_path / "calls"
    fake_tools(**ALL_TOOLS, **{"dpkg-query": DPKG_WITH_HDF5_HALF_INSTALLED,
                               "sudo": f"printf '%s\\n' \"$*\" >> {calls}"})
    system.ensure(with_python_side=False, console=console)
    lines = calls.read_text().splitlines()
    assert lines[0] == "-n true"
    assert lines[1].endswith("apt-get update")
    assert lines[2].endswith("apt-get install -y --no-install-recommends libhdf5-dev doctest-dev")


def test_a_system_without_dpkg_is_left_to_cmake(fake_tools, console, capsys):
    fake_tools(**ALL_TOOLS)
    system.ensure(with_python_side=False, console=console)
    assert "no dpkg" in capsys.readouterr().out
