"""Which ffmpeg is used: the installed one where it fits, else the next, else the packaged one; and what is said of those passed over."""

from __future__ import annotations

import ctypes
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from inference.errors import MissingProgramError
from inference.media import ffmpeg_passed_over, ffmpeg_program
from inference.media.sandbox import ffmpeg as sandboxed
from omniscript_mam import programs
from omniscript_mam.commands import checks

ENCODERS = " V....D libx264              libx264 H.264\\n A....D aac                  AAC (Advanced Audio Coding)\\n"
HAS_WALLS = ctypes.CDLL(None).syscall(444, None, ctypes.c_size_t(0), ctypes.c_uint(1)) >= 1
"""Whether this kernel has Landlock."""

Install = Callable[..., Path]


def _forget() -> None:
    sandboxed._chosen.cache_clear()
    programs.ffmpeg_program.cache_clear()


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Install]:
    """Puts a program called ffmpeg into a folder; the PATH has nothing but these folders, in their order."""
    folders: list[str] = []
    monkeypatch.setenv("PATH", "")
    _forget()

    def write(folder: str = "own/bin", *, version: str = "5.1.9-0+deb12u1", encoders: str = ENCODERS, text: str = "") -> Path:
        program = tmp_path / folder / "ffmpeg"
        program.parent.mkdir(parents=True)
        told = f"echo 'ffmpeg version {version} Copyright (c) the developers' >&2\nprintf '{encoders}'\n"
        program.write_text(f"#!/bin/sh\n{text or told}")
        program.chmod(0o755)
        folders.append(str(program.parent))
        monkeypatch.setenv("PATH", ":".join(folders))
        return program

    yield write
    _forget()


def test_the_packaged_program_serves_where_the_system_has_none(install: Install) -> None:
    assert "imageio_ffmpeg" in ffmpeg_program()
    assert programs.ffmpeg_program() == ffmpeg_program()
    assert subprocess.run([ffmpeg_program(), "-version"], capture_output=True, check=True).stdout.startswith(b"ffmpeg")
    assert ffmpeg_passed_over() == ()


@pytest.mark.parametrize("version", ["4.4.2-0ubuntu0.22.04.1", "n9.0.2-17-g2a571b6068", "10.1", "N-118193-g5f38c82536", "git-2026-01-01"])
def test_an_installed_program_comes_first(install: Install, version: str) -> None:
    program = install(version=version)
    assert ffmpeg_program() == programs.ffmpeg_program() == str(program)
    assert ffmpeg_passed_over() == ()


@pytest.mark.parametrize(
    ("faulty", "reason"),
    [
        ({"version": "4.3.6-0+deb11u1"}, "is version 4.3, and 4.4 is the oldest that fits"),
        ({"version": "n3.4"}, "is version 3.4"),
        ({"encoders": " V....D libopenh264   OpenH264 libx264-like\\n A....D aac   AAC\\n"}, "was built without libx264."),
        (
            {"text": "echo 'error while loading shared libraries: libavdevice.so.59' >&2; exit 127"},
            "does not run here (error while loading",
        ),
        ({"text": "exit 3"}, "(exit status 3)"),
    ],
    ids=["old", "older", "no x264", "no library", "no reason"],
)
def test_one_that_does_not_fit_is_passed_over_for_the_next(install: Install, faulty: dict[str, str], reason: str) -> None:
    first, second = install("first", **faulty), install("second")
    for chosen in (sandboxed._chosen(), programs.choose_ffmpeg(programs._encoders)):
        assert chosen.program == str(second)
        (sentence,) = chosen.passed_over
        assert sentence.startswith(f"{first} ") and reason in sentence


@pytest.mark.skipif(not HAS_WALLS, reason="this kernel has no Landlock: such a program runs")
def test_one_whose_files_lie_outside_the_walls_is_passed_over(install: Install, tmp_path: Path) -> None:
    """It starts for anybody else, and no film could have been read with it."""
    elsewhere = tmp_path / "elsewhere" / "ffmpeg"
    elsewhere.parent.mkdir()
    wrapper = install(text=f'exec "{elsewhere}" "$@"\n')
    elsewhere.write_text(f"#!/bin/sh\necho 'ffmpeg version 5.1' >&2\nprintf '{ENCODERS}'\n")
    elsewhere.chmod(0o755)
    assert programs.ffmpeg_program() == str(wrapper)
    assert "imageio_ffmpeg" in ffmpeg_program()
    assert "ermission denied" in ffmpeg_passed_over()[0]


def test_a_build_of_ones_own_has_its_libraries_beside_it(install: Install, tmp_path: Path) -> None:
    library = tmp_path / "own" / "lib" / "encoders"
    library.parent.mkdir(parents=True)
    library.write_text(f"echo 'ffmpeg version 7.1' >&2\nprintf '{ENCODERS}'\n")
    program = install("own/bin", text=f". {library}\n")
    assert ffmpeg_program() == str(program)


def test_no_program_at_all_is_said_with_the_remedy(install: Install, monkeypatch: pytest.MonkeyPatch) -> None:
    old = install(version="4.2.7")
    monkeypatch.setitem(sys.modules, "imageio_ffmpeg", None)
    with pytest.raises(MissingProgramError, match=r"no ffmpeg") as caught:
        ffmpeg_program()
    assert f"{old} is version 4.2" in str(caught.value)
    assert "imageio-ffmpeg" in caught.value.remedy


def test_the_doctor_says_which_is_used_and_which_was_passed_over(install: Install) -> None:
    assert checks._ffmpeg().state == "ok"
    _forget()
    old = install(version="4.2.7")
    check = checks._ffmpeg()
    assert check.state == "note" and check.remedy
    assert "imageio_ffmpeg" in check.detail and f"{old} is version 4.2" in check.detail
