# SPDX-License-Identifier: Apache-2.0
"""Source trees of Kokkos and Kokkos Kernels: fetched by name with pip, checked, unpacked, patched.

Two source packages of the Python registry carry the trees we pin; nothing else of them is used. Both
trees are Apache-2.0 with LLVM exception.
"""

import dataclasses
import hashlib
import os
import pathlib
import shutil
import subprocess
import sys
import tarfile
import tempfile

from build import BuildError

PATCHES = pathlib.Path(__file__).resolve().parent.parent / "patches"


@dataclasses.dataclass(frozen=True)
class Pin:
    name: str
    version: str
    package: str          # of the Python registry
    package_version: str
    folder: str           # of the tree inside the package
    sha256: str           # of the package's source archive
    patches: str          # file names begin so


KOKKOS = Pin(name="Kokkos", version="4.7.0", package="pygenten", package_version="0.1.5",
             folder="tpls/kokkos", patches="kokkos-",
             sha256="e620f05c742905e2db705d875f1cac92ef0ed453f9e6734e9beda26cc0f9cce7")
KERNELS = Pin(name="Kokkos Kernels", version="4.5.1", package="pycompadre", package_version="1.7.6",
              folder="kokkos-kernels", patches="kernels-",
              sha256="c766ec4d445ce076069be4b8c51a23ffac4ee79ea949ca86446bfd8c299b154c")


def patches_of(pin):
    return sorted(PATCHES.glob(f"{pin.patches}*.patch"))


def identity(kokkos_source):
    """What tells two sets of sources apart, as JSON-able values."""
    facts = []
    for pin in (KOKKOS, KERNELS):
        if pin is KOKKOS and kokkos_source:
            facts.append(tree_identity(pathlib.Path(kokkos_source)))
        else:
            digests = [hashlib.sha256(patch.read_bytes()).hexdigest() for patch in patches_of(pin)]
            facts.append([pin.name, pin.version, pin.sha256, digests])
    return facts


def tree_identity(folder):
    if not (folder / "core" / "src" / "Kokkos_Core.hpp").exists():
        raise BuildError(f"THERIA_KOKKOS_SOURCE={folder} is not a Kokkos source tree: "
                         "core/src/Kokkos_Core.hpp is not there")
    files = sorted(path for path in folder.rglob("*") if path.is_file() and ".git" not in path.parts)
    listing = "\n".join(f"{path} {path.stat().st_size} {path.stat().st_mtime_ns}" for path in files)
    return [str(folder), hashlib.sha256(listing.encode()).hexdigest()]


def digest_of(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def fetch(pin, cache, run, say):
    """The source archive in the cache, its digest checked each time."""
    folder = cache / "downloads"
    folder.mkdir(parents=True, exist_ok=True)
    archive = folder / f"{pin.package}-{pin.package_version}.tar.gz"
    if archive.exists() and digest_of(archive) == pin.sha256:
        return archive
    say(f"fetching {pin.name} {pin.version} (inside {pin.package} {pin.package_version})")
    with tempfile.TemporaryDirectory(dir=folder) as arrival:
        run([python_with_pip(), "-m", "pip", "download", "--no-deps", "--no-binary", pin.package,
             "--dest", arrival, f"{pin.package}=={pin.package_version}"])
        arrived = pathlib.Path(arrival) / archive.name
        if not arrived.exists():
            raise BuildError(f"pip brought no {archive.name}")
        found = digest_of(arrived)
        if found != pin.sha256:
            raise BuildError(f"{archive.name} has SHA-256 {found}, expected {pin.sha256}: not used")
        os.replace(arrived, archive)
    return archive


def python_with_pip():
    for python in (sys.executable, "/usr/bin/python3"):
        if subprocess.run([python, "-m", "pip", "--version"], capture_output=True, check=False).returncode == 0:
            return python
    raise BuildError("no Python with pip: install python3-pip and python3-venv")


def unpack(pin, archive, into):
    """Only the pinned tree, without the archive's leading folders."""
    inside = f"{pin.package}-{pin.package_version}/{pin.folder}/"
    with tarfile.open(archive) as tar:
        for member in tar:
            if member.name.startswith(inside) and (member.isfile() or member.isdir()):
                member.name = member.name[len(inside):]
                tar.extract(member, into)
    if not (into / "CMakeLists.txt").exists():
        raise BuildError(f"{archive} holds no {inside}CMakeLists.txt")


def patch(pin, tree, run, say):
    # git is the one tool sure to be here. The ceiling keeps it from taking the cache for part of
    # some repository above, where it would skip the files without a word.
    environment = dict(os.environ, GIT_CEILING_DIRECTORIES=str(tree.parent))
    for path in patches_of(pin):
        say(f"patching {pin.name}: {path.stem}")
        run(["git", "apply", "--verbose", path], cwd=tree, env=environment)


def prepare(cache, work, kokkos_source, run, say):
    """Folders of Kokkos and Kokkos Kernels, ready to configure."""
    trees = []
    for pin in (KOKKOS, KERNELS):
        if pin is KOKKOS and kokkos_source:
            trees.append(pathlib.Path(kokkos_source).resolve())
            continue
        tree = work / pin.folder.replace("/", "-")
        shutil.rmtree(tree, ignore_errors=True)
        tree.mkdir()
        unpack(pin, fetch(pin, cache, run, say), tree)
        patch(pin, tree, run, say)
        trees.append(tree)
    return trees
