# SPDX-License-Identifier: Apache-2.0
"""What reaches the terminal, and what only the log."""

import pytest
from bootstrap.console import StepFailed

NINJA = """
import sys
for step in range(1, 11):
    print(f"[{step}/10] Building step {step}")
print("theria: a line for the user")
print("a line for the log")
"""


def test_output_goes_to_the_log_and_our_own_lines_to_the_user(console, capsys):
    console.run("build", ["/usr/bin/python3", "-c", NINJA])
    shown = capsys.readouterr().out
    assert "theria: a line for the user" in shown
    assert "theria: build: 10 of 10" in shown
    assert "a line for the log" not in shown
    assert "a line for the log" in console.log.read_text()


def test_a_failure_quotes_its_cause_and_names_the_log(console, capsys):
    text = "FAILED: this.o\nerror: the cause\n" + "other work\n" * 100
    with pytest.raises(StepFailed):
        console.run("build", ["/usr/bin/python3", "-c", f"import sys; print({text!r}); sys.exit(3)"])
    shown = capsys.readouterr().err
    assert "error: the cause" in shown
    assert f"exit code 3); the full log is {console.log}" in shown


def test_without_ninja_lines_the_end_is_quoted(console, capsys):
    with pytest.raises(StepFailed):
        console.run("configure", ["/bin/sh", "-c", "seq 1000; exit 1"])
    shown = capsys.readouterr().err
    assert "| 1000" in shown and "| 970\n" not in shown


def test_a_log_that_cannot_be_written_is_told_once_and_done_without(console, capsys):
    console.log.parent.mkdir()
    console.log.mkdir()  # not even root can append to a folder
    console.say("a line")
    console.run("build", ["/bin/sh", "-c", "echo theria: built"])
    with pytest.raises(StepFailed):
        console.run("build", ["/bin/sh", "-c", "exit 3"])
    shown = capsys.readouterr()
    assert shown.out == "theria: a line\ntheria: built\n"
    assert shown.err.count("theria: no log: ") == 1
    assert "theria: build failed (exit code 3)\n" in shown.err
