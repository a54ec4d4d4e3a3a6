#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes the table of docs/deck.md from `theria schema --markdown`.

    python3 docs/make_deck_reference.py build/openmp-release/theria           # rewrites the table
    python3 docs/make_deck_reference.py build/openmp-release/theria --check   # 1 if it is out of date
"""

import argparse
import pathlib
import subprocess
import sys

PAGE = pathlib.Path(__file__).with_name("deck.md")
BEGIN = "<!-- made by docs/make_deck_reference.py from `theria schema --markdown` -->\n"
END = "<!-- end of the made part -->\n"


def with_table(page, table):
    """The page with its made part replaced."""
    before, found, rest = page.partition(BEGIN)
    _, closed, after = rest.partition(END)
    if not found or not closed:
        sys.exit(f"{PAGE}: the comments around the table are not there")
    return before + BEGIN + "\n" + table.strip() + "\n\n" + END + after


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("program", help="a built theria")
    parser.add_argument("--check", action="store_true", help="change nothing; exit 1 if out of date")
    options = parser.parse_args()
    table = subprocess.run(
        [options.program, "schema", "--markdown"], check=True, capture_output=True, text=True
    ).stdout
    page = PAGE.read_text(encoding="utf-8")
    wanted = with_table(page, table)
    if options.check:
        if page != wanted:
            sys.exit(f"{PAGE} is out of date: run docs/make_deck_reference.py {options.program}")
        return
    PAGE.write_text(wanted, encoding="utf-8")


if __name__ == "__main__":
    main()
