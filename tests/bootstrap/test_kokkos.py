# SPDX-License-Identifier: Apache-2.0
"""The cache of Kokkos builds: checked archives, keys, interrupted builds."""

import argparse
import io
import pathlib
import tarfile

import build
import provide
import pytest
import sources


@pytest.fixture
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache" / "theria"


@pytest.fixture
def options(tmp_path):
    return argparse.Namespace(build_type="Release", host_arch="HSW", cuda_arch="", cxx="g++", nvcc="nvcc",
                              bounds_checks=False, static_blas=False, kokkos_source="",
                              log=str(tmp_path / "kokkos.log"))


@pytest.fixture
def builds(monkeypatch):
    """Replaces fetching and building by notes of what was asked for."""
    calls = []
    monkeypatch.setattr(sources, "prepare", lambda *_: ("kokkos", "kernels"))

    def fake_build(_kokkos, _kernels, _work, prefix, *_):
        calls.append(prefix)
        prefix.mkdir(parents=True)

    monkeypatch.setattr(build, "build", fake_build)
    return calls


def test_a_second_call_builds_nothing(cache, options, builds):
    first = provide.provide(options)
    assert provide.provide(options) == first
    assert len(builds) == 1
    assert first.parent == cache / "kokkos"


def test_what_decides_the_result_decides_the_key(cache, options, builds):
    prefixes = {provide.provide(options)}
    for name, value in (("build_type", "Debug"), ("host_arch", "SKX"), ("bounds_checks", True),
                        ("static_blas", True)):
        changed = argparse.Namespace(**vars(options))
        setattr(changed, name, value)
        prefixes.add(provide.provide(changed))
    assert len(prefixes) == 5


def test_nvcc_is_named_by_its_whole_path(tmp_path, monkeypatch):
    """CMake says `nvcc` when it first asks, and the whole path later: the key may not change between."""
    nvcc = tmp_path / "bin" / "nvcc"
    nvcc.parent.mkdir()
    nvcc.touch(mode=0o755)
    monkeypatch.setenv("PATH", str(nvcc.parent))
    assert provide.path_of_nvcc("nvcc") == provide.path_of_nvcc(str(nvcc)) == str(nvcc)
    monkeypatch.setenv("PATH", "")
    assert provide.path_of_nvcc("nvcc", toolkit=nvcc) == str(nvcc)
    assert provide.path_of_nvcc("nvcc", toolkit=tmp_path / "none") is None


def test_an_interrupted_build_starts_afresh(cache, options, builds, monkeypatch):
    def interrupted(_kokkos, _kernels, _work, prefix, *_):
        prefix.mkdir(parents=True)
        (prefix / "half").touch()
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(build, "build", interrupted)
        with pytest.raises(KeyboardInterrupt):
            provide.provide(options)
    prefix = provide.provide(options)
    assert (prefix / "complete").exists()
    assert not (prefix / "half").exists()


def test_an_archive_with_another_digest_is_not_used(tmp_path, monkeypatch):
    def run(command, **_):
        arrival = pathlib.Path(command[command.index("--dest") + 1])
        (arrival / "pygenten-0.1.5.tar.gz").write_bytes(b"not what was pinned")

    monkeypatch.setattr(sources, "python_with_pip", lambda: "python3")
    with pytest.raises(build.BuildError, match="SHA-256 .* expected e620f05c"):
        sources.fetch(sources.KOKKOS, tmp_path, run, lambda _: None)
    assert not list((tmp_path / "downloads").iterdir())


def test_only_the_pinned_tree_is_unpacked(tmp_path):
    archive = tmp_path / "package.tar.gz"
    with tarfile.open(archive, "w:gz") as tar:
        for name in ("pygenten-0.1.5/tpls/kokkos/CMakeLists.txt", "pygenten-0.1.5/setup.py"):
            tar.addfile(tarfile.TarInfo(name), io.BytesIO())
    into = tmp_path / "tree"
    into.mkdir()
    sources.unpack(sources.KOKKOS, archive, into)
    assert [path.name for path in into.iterdir()] == ["CMakeLists.txt"]


def test_a_folder_that_is_no_kokkos_is_refused(tmp_path):
    with pytest.raises(build.BuildError, match="is not a Kokkos source tree"):
        sources.identity(str(tmp_path))


def test_a_failing_command_quotes_its_own_output_only(tmp_path):
    log = tmp_path / "log"
    log.write_text("of an earlier step\n")
    with build.Log(log) as run, pytest.raises(build.BuildError) as failure:
        run(["/bin/sh", "-c", "echo the cause; exit 4"])
    assert "the cause" in str(failure.value)
    assert "exit code 4" in str(failure.value)
    assert "earlier step" not in str(failure.value)


def test_every_patch_says_what_it_mends_and_when_it_can_go():
    patches = sources.patches_of(sources.KOKKOS) + sources.patches_of(sources.KERNELS)
    assert patches
    for patch in patches:
        head = patch.read_text().partition("\n--- ")[0]
        assert "SPDX-License-Identifier: Apache-2.0" in head, patch
        assert "Can go when" in head, patch
