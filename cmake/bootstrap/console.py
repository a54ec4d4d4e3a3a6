# SPDX-License-Identifier: Apache-2.0
"""What the user sees, and what only the log sees."""

import collections
import datetime
import re
import subprocess
import sys


class StepFailed(Exception):
    """A command failed; its last lines and the log's path have been shown."""


class Console:
    """Says one line a step; runs commands with all of their output in one log file."""

    PROGRESS = re.compile(r"^\[(\d+)/(\d+)\]")
    # Scripts and CMake files of ours mark lines that are meant for the user so.
    OURS = re.compile(r"^(?:-- )?theria: (.*)")

    def __init__(self, log):
        self.log = log
        self.handle = None
        self.refused = False

    def say(self, line):
        print(f"theria: {line}", flush=True)
        self.record(f"theria: {line}\n")

    def record(self, text):
        if self.refused:
            return
        if self.handle is None:
            try:
                self.log.parent.mkdir(parents=True, exist_ok=True)
                self.handle = open(self.log, "a", encoding="utf-8")
            except OSError as error:  # somebody else's checkout: what is built can still be run
                self.refused = True
                print(f"theria: no log: {error}", file=sys.stderr, flush=True)
                return
            self.handle.write(f"\n=== {datetime.datetime.now().astimezone().isoformat(timespec='seconds')} "
                              f"{' '.join(sys.argv)}\n")
        self.handle.write(text)
        self.handle.flush()

    def run(self, what, command, **more):
        """Runs a step. Our own lines pass to the terminal, and how far ninja is."""
        self.record("$ " + " ".join(map(str, command)) + "\n")
        last = collections.deque(maxlen=30)
        first_failure = []
        shown = 0
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                              errors="replace", **more) as process:
            for line in process.stdout:
                self.record(line)
                last.append(line.rstrip("\n"))
                if (first_failure or line.startswith("FAILED: ")) and len(first_failure) < 30:
                    first_failure.append(line.rstrip("\n"))
                ours = self.OURS.match(line)
                if ours:
                    print(f"theria: {ours.group(1)}", flush=True)
                else:
                    shown = self.progress(what, line, shown)
        if sys.stdout.isatty() and shown:
            print("\r\033[K", end="", flush=True)
        if process.returncode != 0:
            # ninja finishes what runs beside a failure, so its cause need not be at the end.
            for line in first_failure or last:
                print(f"  | {line[:300]}", file=sys.stderr)
            where = "" if self.refused else f"; the full log is {self.log}"
            print(f"theria: {what} failed (exit code {process.returncode}){where}", file=sys.stderr)
            raise StepFailed(what)

    def progress(self, what, line, shown):
        """On a terminal one line that moves; elsewhere a line for each fifth of the way."""
        step = self.PROGRESS.match(line)
        if not step:
            return shown
        done, all_steps = map(int, step.groups())
        if sys.stdout.isatty():
            print(f"\r\033[K  {what}: {done} of {all_steps}", end="", flush=True)
            return 1
        fifth = 5 * done // all_steps
        if fifth > shown and all_steps >= 5:
            print(f"theria: {what}: {done} of {all_steps}", flush=True)
        return max(shown, fifth)
