# SPDX-License-Identifier: Apache-2.0
"""What a user meets at the command line: help, messages, exit codes, files."""

import os
import pathlib
import pty
import stat
import subprocess
import sys

import h5py
import numpy
import pytest

INPUTS = pathlib.Path(__file__).resolve().parents[2] / "inputs"
SMALL = INPUTS / "test" / "sequence_small.yaml"
DIGITS = INPUTS / "test" / "digits_small.yaml"


@pytest.mark.parametrize("command", [[], ["run"], ["check"], ["apply"], ["bench"], ["info"], ["schema"]])
def test_help_teaches(theria, command):
    done = theria(*command, "--help")
    assert done.returncode == 0
    assert "Examples:" in done.stdout
    assert done.stderr == ""


def test_version(theria):
    done = theria("--version")
    assert done.returncode == 0
    assert done.stdout.startswith("theria ")


def test_nothing_asked_is_a_usage_error(theria):
    done = theria()
    assert done.returncode == 2
    assert "Subcommands:" in done.stderr


@pytest.mark.parametrize("words, message", [
    (["runn"], 'no command "runn" (did you mean "run"?)'),
    (["run"], "DECK is required"),
    (["run", SMALL, "--bogus"], "--bogus"),
    (["run", SMALL, "--backend", "gpu"], '"gpu" is none of auto, openmp, cuda'),
    (["run", SMALL, "--for", "cuda"], "--for requires --dry-run"),
    (["run", "none.yaml"], "none.yaml: cannot be read: No such file or directory"),
    (["run", "."], ".: is a folder, not a deck"),
    (["run", SMALL, "--set", "inner.stpes=3"],
     "--set 'inner.stpes=3': unknown key \"inner.stpes\" (did you mean \"inner.steps\"?)"),
    (["run", SMALL, "--kokkos-num-threads=none"], "the value must be a whole number"),
    (["run", SMALL, "--kokkos-bogus"], "Kokkos has no option --kokkos-bogus"),
    (["run", SMALL, "--output", "none/out.h5"], "none"),
    (["run", SMALL, "--set", "model.initial=none.h5"], "none.h5"),
    (["apply", "sdpa.vjpp", "--input", "a.h5", "--output", "b.h5"], "sdpa.vjp"),
    (["apply", "sdpa.vjp", "--input", "none.h5", "--output", "b.h5"], "none.h5"),
    (["info", "none.h5"], "none.h5"),
])
def test_what_the_user_got_wrong_ends_with_2(theria, words, message):
    done = theria(*words)
    assert done.returncode == 2, done.stdout + done.stderr
    assert message in done.stderr
    assert theria.names() == []


BROKEN = sorted((INPUTS / "test" / "broken").glob("*.yaml"))


@pytest.mark.parametrize("deck", BROKEN, ids=lambda p: p.stem)
def test_broken_decks_end_with_2_and_no_file(theria, deck):
    done = theria("run", deck)
    assert done.returncode == 2
    assert done.stdout == ""
    assert all(line.startswith(f"{deck}:") for line in done.stderr.splitlines())
    assert theria.names() == []


def test_all_faults_at_once(theria):
    text = "seed: 010\ntask:\n  kind: digits\ninner:\n  stpes: 3\n"
    (theria.folder / "deck.yaml").write_text(text)
    done = theria("run", "deck.yaml", "--set", "inner.rate=nan")
    assert done.returncode == 2
    assert done.stderr.splitlines() == [
        'deck.yaml:1:7: "seed" is 010: leading zeros are refused, '
        "since some programs read them as octal; write 10",
        'deck.yaml:5:3: unknown key "inner.stpes" (did you mean "inner.steps"?)',
        "--set 'inner.rate=nan': \"inner.rate\" must be a finite number, not nan",
    ]


def test_all_faults_of_an_input_at_once(theria):
    with h5py.File(theria.folder / "in.h5", "w") as file:
        file["q"] = file["mask"] = numpy.ones((1, 1, 2, 2))
        file["k"] = numpy.full((1, 1, 2, 2), numpy.nan)
    done = theria("apply", "sdpa.forward", "--input", "in.h5", "--output", "out.h5")
    assert done.returncode == 2
    assert done.stderr.splitlines() == [
        "theria: in.h5: /mask is nothing that sdpa.forward differentiates or takes; it reads q, k, v, "
        "and where present bias, key_lengths",
        "theria: in.h5: data set /v is missing; sdpa.forward needs q, k, v",
        "theria: in.h5: /k(0,0,0,0) is nan in float64; accepted: finite numbers where they are read",
    ]
    assert theria.names() == ["in.h5"]


def test_schema_lists_the_keys(theria):
    done = theria("schema")
    assert done.returncode == 0
    for key in ["task.kind", "inner.steps", "output.record"]:
        assert f"\n{key} " in done.stdout
    assert theria("schema", "--markdown").stdout.startswith("| key |")


def test_info_tells_the_backends(theria):
    done = theria("info")
    assert done.returncode == 0
    assert "backend openmp" in done.stdout


@pytest.mark.parametrize("backend", [[], ["--for", "openmp"], ["--for", "cuda"]])
def test_dry_run_plans_and_writes_nothing(theria, backend):
    done = theria("run", INPUTS / "quickstart.yaml", "--dry-run", *backend)
    assert done.returncode == 0, done.stderr
    assert "memory" in done.stdout and "MiB" in done.stdout
    assert "rate: 0.2" in done.stdout
    assert theria.names() == []


def test_what_a_dry_run_prints_is_a_deck(theria):
    printed = theria("run", SMALL, "--dry-run").stdout
    (theria.folder / "again.yaml").write_text(printed[printed.index("# theria's effective deck"):])
    again = theria("run", "again.yaml", "--dry-run").stdout
    marker = "# theria's effective deck"
    assert again[again.index(marker):] == printed[printed.index(marker):]


def test_a_run_tells_what_it_does(theria):
    done = theria("run", DIGITS, "--output", "out.h5", "--backend", "openmp")
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    lines = done.stdout.splitlines()
    assert lines[0].startswith("theria ")
    for word in ["deck", "output", "backend", "threads", "plan", "memory"]:
        assert any(line.startswith(word) for line in lines), word
    assert "accuracy before" in done.stdout
    assert lines[-1].startswith("wrote out.h5 after ")
    assert "\r" not in done.stdout and "\033" not in done.stdout
    assert theria.names() == ["out.h5"]


def test_a_named_file_that_exists_is_kept(theria):
    out = theria.run_deck(SMALL, "out.h5")
    before = out.read_bytes()
    done = theria("run", SMALL, "--output", "out.h5")
    assert done.returncode == 2
    assert "out.h5" in done.stderr and "--overwrite" in done.stderr
    assert out.read_bytes() == before
    assert theria("run", SMALL, "--output", "out.h5", "--overwrite").returncode == 0


def test_default_names_count_on(theria):
    for _ in range(3):
        assert theria("run", SMALL).returncode == 0
    assert theria.names() == ["sequence_small-2.h5", "sequence_small-3.h5", "sequence_small.h5"]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_takes_no_file_ends_with_3(theria):
    closed = theria.folder / "closed"
    closed.mkdir()
    closed.chmod(stat.S_IRUSR | stat.S_IXUSR)
    done = theria("run", SMALL, "--output", "closed/out.h5")
    assert done.returncode == 3, done.stderr


def test_a_full_standard_output_ends_with_3(theria):
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            [theria.binary, "schema"], stdout=full, stderr=subprocess.PIPE, text=True)
    assert done.returncode == 3
    assert "standard output could not be written" in done.stderr


def test_a_task_that_diverges_ends_with_1(theria):
    done = theria("run", SMALL, "--set", "inner.rate=1000000", "inner.steps=50", "meta.tasks=2",
                  "precision=float32", "--output", "out.h5")
    assert done.returncode == 1
    assert "diverged" in done.stderr
    assert theria.names() == []


def test_kokkos_words_reach_kokkos(theria):
    done = theria("run", SMALL, "--output", "out.h5", "--kokkos-num-threads=1",
                  OMP_NUM_THREADS="4")
    assert done.returncode == 0, done.stderr
    assert "threads   1" in done.stdout


@pytest.mark.parametrize("words", [[], ["run"], ["run", "none.yaml"]])
def test_the_help_of_kokkos_needs_nothing_else(theria, words):
    done = theria(*words, "--kokkos-help")
    assert done.returncode == 0
    assert "--kokkos-num-threads" in done.stdout
    assert done.stderr == ""


def test_kokkos_variables_that_would_abort_are_told(theria):
    done = theria("check", KOKKOS_NUM_THREADS="many")
    assert done.returncode == 2
    assert "KOKKOS_NUM_THREADS=many" in done.stderr


def on_terminal(theria, *words, **environment):
    """What the program writes to a terminal."""
    leader, follower = pty.openpty()
    settings = theria.environment(TERM="xterm", **environment)
    process = subprocess.Popen([theria.binary, *map(str, words)], cwd=theria.folder, env=settings,
                               stdout=follower, stderr=follower, stdin=subprocess.DEVNULL)
    os.close(follower)
    written = b""
    while True:
        try:
            part = os.read(leader, 4096)
        except OSError:
            break
        if not part:
            break
        written += part
    os.close(leader)
    assert process.wait() == 0, written
    return written.decode()


def test_a_terminal_shows_a_bar_and_no_color_is_honoured(theria):
    if "NO_COLOR" not in os.environ:
        assert "\033[32m" in on_terminal(theria, "run", DIGITS, "--output", "a.h5")
    quiet = on_terminal(theria, "run", DIGITS, "--output", "b.h5", NO_COLOR="1")
    assert "\033[32m" not in quiet
    assert "\r\033[K" in quiet


def test_the_reference_of_decks_is_what_the_program_says(theria):
    done = subprocess.run([sys.executable, INPUTS.parent / "docs" / "make_deck_reference.py", theria.binary, "--check"],
                          capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
