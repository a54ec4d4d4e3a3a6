# SPDX-License-Identifier: Apache-2.0
"""Configure, build and test one preset of this checkout."""

import hashlib
import json
import os
import time

from bootstrap import system

# The user's words that decide a configuration; handed to CMake, and a change of one configures anew.
PASSED_ON = ["THERIA_KOKKOS_SOURCE", "THERIA_CUDA_ARCH", "THERIA_HOST_ARCH"]
HEEDED = ["Kokkos_ROOT", "KokkosKernels_ROOT", "CMAKE_PREFIX_PATH", "CC", "CXX", "CUDACXX"]


class Project:
    def __init__(self, root, preset, console):
        self.root = root
        self.preset = preset
        self.console = console
        self.folder = root / "build" / preset
        self.program = self.folder / "theria"
        self.stamp = self.folder / "bootstrap.stamp"

    @staticmethod
    def presets(root):
        text = json.loads((root / "CMakePresets.json").read_text(encoding="utf-8"))
        return [preset["name"] for preset in text["configurePresets"] if not preset.get("hidden")]

    def wish(self):
        """Digest of what was asked for; CMake files need no place in it, ninja watches them."""
        words = {name: os.environ.get(name, "") for name in PASSED_ON + HEEDED}
        words["presets"] = (self.root / "CMakePresets.json").read_text(encoding="utf-8")
        words["root"] = str(self.root)
        return hashlib.sha256(json.dumps(words, sort_keys=True).encode()).hexdigest()

    def configured(self):
        """Configured as asked; that it once was means that the packages are here too."""
        return ((self.folder / "build.ninja").exists() and self.stamp.exists()
                and self.stamp.read_text(encoding="utf-8") == self.wish())

    def configure(self):
        self.console.say(f"configuring {self.preset} in {self.folder}")
        command = ["cmake", "--preset", self.preset]
        command += [f"-D{name}={os.environ[name]}" for name in PASSED_ON if os.environ.get(name)]
        if (self.folder / "CMakeCache.txt").exists():
            command.append("--fresh")  # another compiler or root than last time
        self.console.run("configure", command, cwd=self.root, env=self.environment())
        self.stamp.write_text(self.wish(), encoding="utf-8")

    def build(self, target):
        """Whatever is needed for one target; nothing to do takes a moment."""
        if not self.configured():
            system.ensure(with_python_side=False, console=self.console)
            self.configure()
        first = not self.program.exists()
        if first:
            self.console.say(f"building {self.preset}; the first time takes some minutes")
        start = time.monotonic()
        self.console.run("build", ["ninja", "-C", self.folder, target], cwd=self.root, env=self.environment())
        if first:
            self.console.say(f"built in {time.monotonic() - start:.0f} s: {self.program}")

    def environment(self):
        return dict(os.environ, THERIA_LOG=str(self.console.log))

    def test(self):
        """Runs CTest in our place, so that its summary is what the terminal ends with."""
        # Tests run side by side: threads that wait must not spin on a core that another test needs.
        environment = dict({"OMP_WAIT_POLICY": "passive"}, **os.environ)
        os.chdir(self.root)
        os.execvpe("ctest", ["ctest", "--preset", self.preset, "-j", str(len(os.sched_getaffinity(0)))],
                   environment)
