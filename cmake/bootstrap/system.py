# SPDX-License-Identifier: Apache-2.0
"""The system packages theria is built from: which are missing, and how to get them."""

import os
import shutil
import subprocess

# Names are Debian 12's; Ubuntu 24.04 has the same ones (untried there). A tool found in PATH counts as
# here, whoever installed it.
TOOLS = {"g++": "g++", "cmake": "cmake", "ninja": "ninja-build", "git": "git", "ccache": "ccache"}
LIBRARIES = ["python3-pip", "libhdf5-dev", "libyaml-cpp-dev", "libfmt-dev", "libcli11-dev",
             "librandom123-dev", "libopenblas-dev", "doctest-dev"]
PYTHON_SIDE = ["python3-h5py", "python3-xarray", "python3-h5netcdf", "python3-matplotlib",
               "python3-pytest"]
TRIED = {("debian", "12"): True, ("ubuntu", "24.04"): False}


class NeedsUser(Exception):
    """Something only the user can do; the text says what to type."""


def distribution():
    """(id, version, pretty name) of /etc/os-release."""
    facts = {}
    try:
        with open("/etc/os-release", encoding="utf-8") as lines:
            for line in lines:
                key, _, value = line.strip().partition("=")
                facts[key] = value.strip('"')
    except OSError:
        pass
    return facts.get("ID", "unknown"), facts.get("VERSION_ID", ""), facts.get("PRETTY_NAME", "unknown system")


def installed(packages):
    """{package: version} of those that dpkg has completely installed."""
    done = subprocess.run(["dpkg-query", "-W", "-f", "${Package} ${db:Status-Status} ${Version}\\n", *packages],
                          capture_output=True, text=True, check=False)
    rows = (line.split() for line in done.stdout.splitlines())
    return {row[0]: row[2] for row in rows if len(row) == 3 and row[1] == "installed"}


def missing(with_python_side):
    wanted = LIBRARIES + (PYTHON_SIDE if with_python_side else [])
    here = installed(wanted)
    return ([package for tool, package in TOOLS.items() if not shutil.which(tool)]
            + [package for package in wanted if package not in here])


def install_line(packages):
    return "apt-get install -y --no-install-recommends " + " ".join(packages)


def ensure(with_python_side, console):
    """Installs what is missing as root or by sudo, and says whether it did; raises NeedsUser where it can't."""
    name, version, pretty = distribution()
    if not shutil.which("dpkg-query"):
        console.say(f"{pretty} has no dpkg: system packages are left to you; CMake says what is missing")
        return False
    packages = missing(with_python_side)
    if not packages:
        console.say("system packages: all here")
        return False
    if not TRIED.get((name, version)):
        console.say(f"{pretty}: package names are those of Debian 12; untried here")
    if os.geteuid() == 0:
        prefix = []
    elif shutil.which("sudo") and subprocess.run(["sudo", "-n", "true"], capture_output=True,
                                                 check=False).returncode == 0:
        prefix = ["sudo", "-n"]
    else:
        raise NeedsUser("these system packages are missing and installing needs root; type\n"
                        f"  sudo apt-get update && sudo {install_line(packages)}\n"
                        "and call bootstrap again")
    console.say(f"installing {len(packages)} system packages: {' '.join(packages)}")
    apt = [*prefix, "env", "DEBIAN_FRONTEND=noninteractive"]
    console.run("apt-get update", [*apt, "apt-get", "update"])
    console.run("apt-get install", [*apt, *install_line(packages).split()])
    return True
