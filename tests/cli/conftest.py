# SPDX-License-Identifier: Apache-2.0
"""The built program, run in a folder of its own."""

import os
import pathlib
import subprocess

import pytest

SOURCE = pathlib.Path(__file__).resolve().parents[2]
INPUTS = SOURCE / "inputs"


class Theria:
    """Runs the binary named by THERIA_BINARY in one folder."""

    def __init__(self, binary, folder):
        self.binary = binary
        self.folder = folder

    @staticmethod
    def environment(**settings):
        """This environment with threads of a known number, which do not spin while they wait."""
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("KOKKOS_", "OMP_"))}
        return {**kept, "OMP_NUM_THREADS": "2", "OMP_WAIT_POLICY": "passive", **settings}

    def __call__(self, *words, **settings):
        return subprocess.run(
            [self.binary, *map(str, words)], cwd=self.folder, env=self.environment(**settings),
            capture_output=True, text=True, timeout=300)

    def start(self, *words, **streams):
        """The running program."""
        return subprocess.Popen([self.binary, *map(str, words)], cwd=self.folder,
                                env=self.environment(), **streams)

    def run_deck(self, deck, output, *overrides, **settings):
        """A run that must work; the path of its result file."""
        words = [word for override in overrides for word in ("--set", override)]
        done = self("run", deck, "--output", output, "--backend", "openmp", *words, **settings)
        assert done.returncode == 0, done.stdout + done.stderr
        return self.folder / output

    def names(self):
        return sorted(path.name for path in self.folder.iterdir())


@pytest.fixture
def theria(tmp_path):
    binary = os.environ.get("THERIA_BINARY")
    if not binary:
        pytest.skip("THERIA_BINARY does not name the program")
    folder = tmp_path / "work"
    folder.mkdir()
    return Theria(binary, folder)
