# SPDX-License-Identifier: Apache-2.0
"""The command line: theria-post show | plot | verify | speed."""

import argparse
import os
import sys
from pathlib import Path

from theria_post.errors import OutputError, ResultError

DONE, MISMATCH, USER_FAULT, OUTPUT_FAULT = 0, 1, 2, 3

PACKAGES = (
    "Debian's /usr/bin/python3 has all that is needed after ./bootstrap test, or after "
    "apt install python3-h5py python3-xarray python3-h5netcdf python3-matplotlib python3-yaml"
)

EXAMPLES = """examples:
  theria-post show quickstart.h5
  theria-post plot quickstart.h5 --output curves.png
  theria-post verify meta_gradient.h5
  theria-post speed theria.jsonl peers.jsonl --output speed.png

exit codes: 0 done; 1 verify found a mismatch; 2 a file or an option is wrong; 3 cannot write
"""


def show(options):
    from theria_post.result import open_result
    from theria_post.summary import summary

    print(summary(open_result(options.file)))
    return DONE


def plot(options):
    from theria_post.plot import learning_curves, save
    from theria_post.result import open_result

    output = options.output or Path(options.file.name).with_suffix(".png")
    save(learning_curves(open_result(options.file)), output)
    print(f"wrote {output}")
    return DONE


def verify(options):
    from theria_post.report import report
    from theria_post.result import open_result
    from theria_post.verify import verify as recompute

    result = open_result(options.file)
    verification = recompute(result)
    print(report(result, verification))
    return DONE if verification.ok else MISMATCH


def speed(options):
    from theria_post.plot import save
    from theria_post.speed import figure, read_lines

    save(figure([line for file in options.files for line in read_lines(file)]), options.output)
    print(f"wrote {options.output}")
    return DONE


def parser():
    from theria_post import __version__

    top = argparse.ArgumentParser(
        prog="theria-post",
        description="Reads, draws and verifies the result files of theria.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    top.add_argument("--version", action="version", version=f"theria-post {__version__}")
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for action, text in (
        (show, "a summary: what ran, where, what came out"),
        (plot, "learning curves: query loss and accuracy against the outer step"),
        (verify, "recompute the recorded meta-gradient with JAX in float64 and compare"),
    ):
        command = commands.add_parser(action.__name__, help=text, description=text)
        command.add_argument("file", metavar="FILE", type=Path, help="a result file of theria")
        command.set_defaults(action=action)
        if action is plot:
            command.add_argument(
                "--output", type=Path, metavar="FILE",
                help="the picture, .png .pdf or .svg (default: FILE's name with .png, here)",
            )
    text = "measured speeds as a roofline, and as bars against peers"
    command = commands.add_parser("speed", help=text, description=text)
    command.add_argument(
        "files", metavar="FILE", type=Path, nargs="+",
        help="lines of `theria bench sdpa --json` and of postprocess/peers/sdpa_peers.py --json",
    )
    command.add_argument(
        "--output", type=Path, metavar="FILE", default=Path("speed.png"),
        help="the picture, .png .pdf or .svg (default: speed.png, here)",
    )
    command.set_defaults(action=speed)
    return top


def main(arguments=None):
    """Returns the exit code; argparse itself exits with 2 on a wrong option."""
    options = parser().parse_args(arguments)
    try:
        return options.action(options)
    except ResultError as error:
        print(f"theria-post: {error}", file=sys.stderr)
        return USER_FAULT
    except OutputError as error:
        print(f"theria-post: {error}", file=sys.stderr)
        return OUTPUT_FAULT
    except ModuleNotFoundError as error:
        print(f"theria-post: this Python has no {error.name}; {PACKAGES}", file=sys.stderr)
        return USER_FAULT
    except BrokenPipeError:  # the reader of our output, head for one, has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return DONE
