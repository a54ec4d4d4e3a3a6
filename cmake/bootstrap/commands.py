# SPDX-License-Identifier: Apache-2.0
"""The command line of ./bootstrap."""

import argparse
import os
import pathlib
import sys

from bootstrap import doctor, system
from bootstrap.console import Console, StepFailed
from bootstrap.project import Project

EPILOG = """examples:
  ./bootstrap run inputs/quickstart.yaml
  ./bootstrap run inputs/quickstart.yaml --set inner.steps=10 --output ten.h5
  ./bootstrap build --preset cuda-release
  ./bootstrap test

environment:
  Kokkos_ROOT            a Kokkos of your own (4.6 or newer, with Kokkos Kernels)
  THERIA_KOKKOS_SOURCE   a Kokkos source tree of your own to build
  THERIA_CUDA_ARCH       GPU of cuda-release: HOPPER90 (default), AMPERE80, ...
  XDG_CACHE_HOME         where Kokkos is kept between builds (default ~/.cache)

Everything that the steps print is in build/bootstrap.log.
"""


def parse(root, words):
    parser = argparse.ArgumentParser(prog="./bootstrap", description=__doc__.splitlines()[0], epilog=EPILOG,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    presets = Project.presets(root)
    preset = {"choices": presets, "default": "openmp-release", "metavar": "NAME",
              "help": f"one of {', '.join(presets)} (default openmp-release)"}

    run = commands.add_parser("run", help="build what is missing and run a deck")
    run.add_argument("--preset", **preset)
    run.add_argument("deck", metavar="DECK", help="a YAML deck, e.g. inputs/quickstart.yaml")
    run.add_argument("rest", nargs=argparse.REMAINDER, metavar="...", help="passed on to `theria run`")
    build = commands.add_parser("build", help="build the program, the library and the tests")
    build.add_argument("--preset", **preset)
    test = commands.add_parser("test", help="build what is missing and run all tests")
    test.add_argument("--preset", **preset)
    commands.add_parser("doctor", help="what is here, what is missing, versions")
    return parser.parse_args(words)


def run_deck(project, options):
    if not pathlib.Path(options.deck).is_file():
        print(f"theria: there is no deck {options.deck}", file=sys.stderr)
        return 2
    project.build("theria_cli")
    os.execv(project.program, [str(project.program), "run", options.deck, *options.rest])


def main(root, words):
    options = parse(root, words)
    if options.command == "doctor":
        return 0 if doctor.report(root) else 1
    console = Console(root / "build" / "bootstrap.log")
    project = Project(root, options.preset, console)
    try:
        if options.command == "run":
            return run_deck(project, options)
        if options.command == "test":
            if system.ensure(with_python_side=True, console=console):
                project.stamp.unlink(missing_ok=True)  # CMake looks for the Python side when it configures
        project.build("all")
        if options.command == "test":
            project.test()
        console.say(f"{options.preset} is up to date: {project.program}")
    except system.NeedsUser as error:
        print(f"theria: {error}", file=sys.stderr)
        return 2
    except StepFailed:
        return 1
    except KeyboardInterrupt:
        print("\ntheria: interrupted; the next call goes on from here", file=sys.stderr)
        return 130
    except OSError as error:
        print(f"theria: {error}", file=sys.stderr)
        return 1
    return 0
