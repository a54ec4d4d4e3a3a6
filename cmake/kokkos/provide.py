#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Prints the prefix of a Kokkos and Kokkos Kernels built as asked for; builds them first where needed.

Builds live in ${XDG_CACHE_HOME:-~/.cache}/theria/kokkos/<version>-<kind>-<key>. The key is a digest of all
that decides the result: versions, patches, compilers, options and, for NATIVE, what NATIVE means on this
machine. A prefix counts only once its stamp `complete` is there, so an interrupted build is started
afresh; a lock file makes a second caller wait for the first. Progress goes to stderr, one line a step.
"""

import argparse
import contextlib
import fcntl
import hashlib
import json
import os
import pathlib
import shutil
import subprocess
import sys

import build
import sources


def cache_folder():
    base = os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache"
    return pathlib.Path(base) / "theria"


def say(line):
    print(f"theria: {line}", file=sys.stderr, flush=True)


def output_of(command):
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    except OSError as error:
        raise build.BuildError(f"{command[0]}: {error.strerror}") from None
    return done.stdout.strip()


def identity(options):
    """Everything that two interchangeable builds have in common."""
    facts = {
        "sources": sources.identity(options.kokkos_source),
        "flags": build.all_flags(options),
        "cxx": [os.path.realpath(options.cxx), output_of([options.cxx, "--version"])],
    }
    if options.host_arch == "NATIVE":
        facts["native"] = output_of([options.cxx, "-march=native", "-Q", "--help=target"])
    if options.cuda_arch:
        facts["nvcc"] = output_of([options.nvcc, "--version"])
    return facts


def path_of_nvcc(name, toolkit=pathlib.Path("/usr/local/cuda/bin/nvcc")):
    """The whole path, since CMake names the compiler by it from its second run on: one build has one key."""
    found = shutil.which(name) or (str(toolkit) if toolkit.exists() else None)
    return found and os.path.abspath(found)


@contextlib.contextmanager
def locked(path):
    with open(path, "w", encoding="utf-8") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            say("another process is building the same Kokkos; waiting for it")
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def provide(options):
    facts = identity(options)
    key = hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()[:12]
    kind = "cuda" if options.cuda_arch else "openmp"
    version = "own" if options.kokkos_source else sources.KOKKOS.version
    root = cache_folder() / "kokkos"
    prefix = root / f"{version}-{kind}-{options.build_type.lower()}-{key}"
    stamp = prefix / "complete"
    if stamp.exists():
        return prefix
    root.mkdir(parents=True, exist_ok=True)
    with locked(root / f"{prefix.name}.lock"):
        if stamp.exists():
            return prefix
        log = pathlib.Path(options.log or os.environ.get("THERIA_LOG") or root / f"{prefix.name}.log")
        work = root / f"{prefix.name}.work"
        for leftover in (work, prefix):
            shutil.rmtree(leftover, ignore_errors=True)
        work.mkdir()
        with build.Log(log) as run:
            kokkos, kernels = sources.prepare(cache_folder(), work, options.kokkos_source, run, say)
            build.build(kokkos, kernels, work, prefix, options, run, say)
        stamp.write_text(json.dumps(facts, indent=2) + "\n", encoding="utf-8")
        shutil.rmtree(work, ignore_errors=True)
    say(f"Kokkos is ready in {prefix}")
    return prefix


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--build-type", default="Release")
    parser.add_argument("--host-arch", default="NATIVE", help="Kokkos name of the CPU")
    parser.add_argument("--cuda-arch", default="", help="Kokkos name of the GPU; empty: OpenMP only")
    parser.add_argument("--cxx", default=os.environ.get("CXX", "g++"))
    parser.add_argument("--nvcc", default=os.environ.get("CUDACXX", "nvcc"))
    parser.add_argument("--bounds-checks", action="store_true")
    parser.add_argument("--static-blas", action="store_true")
    parser.add_argument("--kokkos-source", default="", help="your own tree; gets no patches")
    parser.add_argument("--log", default="", help="where the output of the builds is appended")
    options = parser.parse_args()
    if options.cuda_arch:
        options.nvcc = path_of_nvcc(options.nvcc)
        if options.nvcc is None:
            say("no CUDA compiler: nvcc is neither in PATH nor in /usr/local/cuda/bin; set CUDACXX")
            return 2
    try:
        print(provide(options))
    except build.BuildError as error:
        say(str(error))
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
