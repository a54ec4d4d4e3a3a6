# SPDX-License-Identifier: Apache-2.0
"""Configures, builds and installs Kokkos and Kokkos Kernels from two source folders."""

import os
import subprocess
import time


class BuildError(Exception):
    """A step failed; the text says which, and where its log is."""


class Log:
    """Runs commands with their output appended to one file; a failure quotes the file's last lines."""

    def __init__(self, path):
        self.path = path

    def __enter__(self):
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.handle = open(self.path, "a", encoding="utf-8")
        return self

    def __exit__(self, *_):
        self.handle.close()

    def __call__(self, command, **more):
        self.handle.write("$ " + " ".join(map(str, command)) + "\n")
        self.handle.flush()
        start = self.path.stat().st_size
        try:
            done = subprocess.run(command, stdout=self.handle, stderr=subprocess.STDOUT, check=False, **more)
            code = done.returncode
        except OSError as error:
            self.handle.write(f"{command[0]}: {error.strerror}\n")
            self.handle.flush()
            code = 127
        if code != 0:
            with open(self.path, "rb") as text:
                text.seek(start)
                tail = text.read().decode(errors="replace").splitlines()[-30:]
            raise BuildError("\n".join([f"`{command[0]}` failed with exit code {code}:", *tail,
                                        f"the full log is {self.path}"]))


def switch(on):
    return "ON" if on else "OFF"


def common_flags(options):
    flags = [
        "-G", "Ninja",
        f"-DCMAKE_BUILD_TYPE={options.build_type}",
        "-DCMAKE_INSTALL_LIBDIR=lib",
        f"-DCMAKE_CXX_COMPILER={options.cxx}",
        "-DCMAKE_CXX_STANDARD=20",
        "-DBUILD_TESTING=OFF",
        # Bounds checks at -O0 would make every test several times slower.
        "-DCMAKE_CXX_FLAGS_DEBUG=-O1 -g",
    ]
    if options.cuda_arch:
        # CMake before 3.26 knows no C++20 for nvcc and would leave the flag out.
        flags += [f"-DCMAKE_CUDA_COMPILER={options.nvcc}", "-DCMAKE_CUDA_FLAGS=-std=c++20"]
    return flags


def kokkos_flags(options):
    flags = [
        "-DKokkos_ENABLE_OPENMP=ON",
        # `serial` is OpenMP with one thread; a third host space would only cost compile time.
        "-DKokkos_ENABLE_SERIAL=OFF",
        f"-DKokkos_ARCH_{options.host_arch}=ON",
        f"-DKokkos_ENABLE_DEBUG_BOUNDS_CHECK={switch(options.bounds_checks)}",
    ]
    if options.cuda_arch:
        flags += [
            "-DKokkos_ENABLE_CUDA=ON",
            # nvcc as CMake's CUDA compiler: no wrapper script, and host sources stay with g++.
            "-DKokkos_ENABLE_COMPILE_AS_CMAKE_LANGUAGE=ON",
            f"-DKokkos_ARCH_{options.cuda_arch}=ON",
        ]
    return flags


def kernels_flags(options):
    return [
        "-DKokkosKernels_ENABLE_ALL_COMPONENTS=OFF",
        "-DKokkosKernels_ENABLE_COMPONENT_BLAS=ON",
        "-DKokkosKernels_ENABLE_COMPONENT_BATCHED=ON",
        # Instantiating every type in advance takes seven minutes; we name what we need.
        "-DKokkosKernels_ADD_DEFAULT_ETI=OFF",
        "-DKokkosKernels_ENABLE_TPL_BLAS=ON",
        "-DKokkosKernels_ENABLE_TPL_LAPACK=OFF",
        # cuBLAS alone is ten times the size our binary may have.
        "-DKokkosKernels_ENABLE_TPL_CUBLAS=OFF",
        "-DKokkosKernels_ENABLE_TPL_CUSPARSE=OFF",
        "-DKokkosKernels_ENABLE_TPL_CUSOLVER=OFF",
        # What Kokkos Kernels would otherwise ask a Fortran compiler, which we don't need: dgemm is dgemm_.
        "-DF77_BLAS_MANGLE=(name,NAME) name ## _",
        "-DBLA_VENDOR=OpenBLAS",
        f"-DBLA_STATIC={switch(options.static_blas)}",
    ]


def all_flags(options):
    """What decides the result, for the cache's key."""
    return [*common_flags(options), *kokkos_flags(options), *kernels_flags(options)]


def build(kokkos, kernels, work, prefix, options, run, say):
    environment = dict(os.environ, Kokkos_ROOT=str(prefix))
    environment.pop("CMAKE_GENERATOR", None)
    for name, source, flags in (("Kokkos", kokkos, kokkos_flags(options)),
                                ("Kokkos Kernels", kernels, kernels_flags(options))):
        kind = f"OpenMP and CUDA, {options.cuda_arch}" if options.cuda_arch else "OpenMP"
        say(f"building {name} ({kind}, {options.host_arch}), once")
        start = time.monotonic()
        folder = work / f"build-{name.replace(' ', '-').lower()}"
        run(["cmake", "-S", source, "-B", folder, f"-DCMAKE_INSTALL_PREFIX={prefix}", *common_flags(options),
             *flags], env=environment)
        run(["cmake", "--build", folder, "--target", "install"], env=environment)
        say(f"built {name} in {time.monotonic() - start:.0f} s")
