# SPDX-License-Identifier: Apache-2.0
import os
import pathlib
import stat
import sys

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.dont_write_bytecode = True
sys.path[:0] = [str(ROOT / "cmake"), str(ROOT / "cmake" / "kokkos")]


@pytest.fixture
def root():
    return ROOT


@pytest.fixture
def fake_tools(tmp_path, monkeypatch):
    """Puts shell scripts into a PATH of their own: fake_tools(name="echo hello")."""
    folder = tmp_path / "tools"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))

    def add(**scripts):
        for name, body in scripts.items():
            path = folder / name.replace("_", "-")
            path.write_text(f"#!/bin/sh\n{body}\n")
            path.chmod(path.stat().st_mode | stat.S_IXUSR)
        return folder

    return add


@pytest.fixture
def console(tmp_path):
    from bootstrap.console import Console

    return Console(tmp_path / "log" / "bootstrap.log")


@pytest.fixture
def ordinary_user(monkeypatch):
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
