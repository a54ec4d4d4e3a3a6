# SPDX-License-Identifier: Apache-2.0
"""What is here, what is missing, versions."""

import importlib.util
import os
import pathlib
import shutil
import subprocess
import sys

from bootstrap import system


def first_line(*command):
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    except OSError:
        return None
    text = (done.stdout or done.stderr).strip()
    return text.splitlines()[0] if done.returncode == 0 and text else None


def row(name, value, needed=True):
    print(f"  {name:<22} {value or ('MISSING' if needed else 'not here')}")


def report(root):
    """Prints the report; true when nothing that `run` needs is missing."""
    name, version, pretty = system.distribution()
    print("machine")
    tried = {True: "tried", False: "untried", None: "unknown to bootstrap"}[system.TRIED.get((name, version))]
    row("system", f"{pretty} ({tried})")
    row("cores", str(len(os.sched_getaffinity(0))))
    row("python", f"{sys.version.split()[0]} ({sys.executable})")

    print("tools")
    for tool in ("g++", "cmake", "ninja", "git"):
        row(tool, first_line(tool, "--version"))
    row("pip", first_line(sys.executable, "-m", "pip", "--version")
        or first_line("/usr/bin/python3", "-m", "pip", "--version"))
    for tool in ("ccache", "clang-format", "clang-tidy"):
        row(tool, first_line(tool, "--version"), needed=False)

    print("cuda (only for the preset cuda-release)")
    nvcc = shutil.which("nvcc") or "/usr/local/cuda/bin/nvcc"
    try:
        text = subprocess.run([nvcc, "--version"], capture_output=True, text=True, check=False).stdout
    except OSError:
        text = ""
    row("nvcc", next((line for line in text.splitlines() if "release" in line), None), needed=False)
    row("device", first_line("nvidia-smi", "--query-gpu=name,driver_version", "--format=csv,noheader"), needed=False)

    packages_missing = []
    if shutil.which("dpkg-query"):
        packages = system.LIBRARIES + system.PYTHON_SIDE
        here = system.installed(packages)
        print("packages")
        for package in packages:
            row(package, here.get(package))
        packages_missing = system.missing(with_python_side=True)

    print("kokkos")
    for variable in ("Kokkos_ROOT", "THERIA_KOKKOS_SOURCE"):
        row(variable, os.environ.get(variable), needed=False)
    cache = pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache") / "theria" / "kokkos"
    builds = sorted(path.parent.name for path in cache.glob("*/complete"))
    row("built in the cache", ", ".join(builds) or f"none yet in {cache}")

    print("this checkout")
    for program in sorted(root.glob("build/*/theria")):
        row(program.parent.name, str(program))
    log = root / "build" / "bootstrap.log"
    row("log", str(log) if log.exists() else None, needed=False)

    python_here = all(importlib.util.find_spec(module) for module in ("h5py", "xarray", "h5netcdf", "matplotlib"))
    row("python reader", "its modules are in this python" if python_here
        else "its modules are not in this python; /usr/bin/python3 has them once the packages are here")

    if packages_missing:
        print(f"\nmissing; as root, type\n  {system.install_line(packages_missing)}")
    blocking = [package for package in packages_missing if package not in system.PYTHON_SIDE + ["ccache"]]
    return not blocking
