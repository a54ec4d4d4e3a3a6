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

    def command(name, meaning, example):
        return commands.add_parser(name, help=meaning, description=meaning[0].upper() + meaning[1:] + ".",
                                   epilog=f"example:\n  ./bootstrap {name} {example}".rstrip(),
                                   formatter_class=argparse.RawDescriptionHelpFormatter)

    run = command("run", "build what is missing and run a deck", "inputs/quickstart.yaml --set inner.steps=10")
    run.add_argument("--preset", **preset)
    run.add_argument("deck", metavar="DECK", help="a YAML deck, e.g. inputs/quickstart.yaml")
    rest = run.add_argument("rest", nargs=argparse.REMAINDER, metavar="...", help="passed on to `theria run`")
    rest.required = False  # else argparse names it beside a DECK that is missing
    build = command("build", "build the program, the library and the tests", "--preset cuda-release")
    build.add_argument("--preset", **preset)
    test = command("test", "build what is missing and run all tests", "--preset openmp-debug")
    test.add_argument("--preset", **preset)
    command("doctor", "tell what is here, what is missing, versions", "")
    return parser.parse_args(words)


def run_deck(project, options):
    if not pathlib.Path(options.deck).is_file():
        print(f"theria: there is no deck {options.deck}", file=sys.stderr)
        return 2
    if project.program.exists() and not os.access(project.folder, os.W_OK):
        project.console.say(f"{project.folder} can't be written: running what is built there, up to date or not")
    else:
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
