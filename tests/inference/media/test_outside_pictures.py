"""A crash of the picture decoder: the ffmpeg program decodes that stretch, with the same pictures at the same times, and it is said."""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from inference.errors import BrokenMediaError, DecoderStoppedError
from inference.film import Film
from inference.media import MediaInfo, Spool, probe, survey_chunk
from inference.media.description import outside_notes
from inference.media.sandbox import child, ffmpeg
from inference.media.sandbox.process import Outcome, run_limited
from inference.media.spool import survey_ranges
from inference.writers.film_meta import film_meta
from omniscript_mam.script import Provenance
from tests.inference.media.clips import AAC, X264, beep_source, flash_source, frame_timing, run_ffmpeg, turn

CRASH = """
import json, os, signal, sys
from inference.media.decoding import stamps
request = json.loads(sys.argv[1])
if request["task"] in {tasks!r}:
    stamps.FrameStamps.sent = lambda self, packet: os.kill(os.getpid(), signal.SIGSEGV)
from inference.media.decoding.__main__ import main
sys.exit(main())
"""
"""The reader's child, killed by the kernel's own signal where it is about to decode a picture."""
NOTE = outside_notes(["picture"])[0]


@pytest.fixture
def crashing(monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[int]]:
    """Call it with the tasks in which the child is to die; it returns the statuses with which children ended."""

    def begin(*tasks: str) -> list[int]:
        statuses: list[int] = []

        def run(argv: list[str], *rest: object) -> Outcome:
            assert argv[1] == "-m"
            outcome = run_limited([sys.executable, "-c", CRASH.format(tasks=tasks), argv[3]], *rest)
            statuses.append(outcome.status)
            return outcome

        monkeypatch.setattr(child, "run_limited", run)
        return statuses

    return begin


def _film(folder: Path, kind: str) -> Path:
    plain, target = folder / "plain.mp4", folder / f"{kind}.mp4"
    inputs = ("-f", "lavfi", "-i", flash_source(3.0), "-f", "lavfi", "-i", beep_source(3.0))
    if kind == "vfr":
        picks = "select='not(mod(n\\,3))+between(t\\,1\\,1.7)',setpts='PTS+0.013*mod(N\\,2)/TB'"
        run_ffmpeg(*inputs, "-vf", picks, *frame_timing("vfr"), *X264, *AAC, "-video_track_timescale", "90000", target)
        return target
    run_ffmpeg(*inputs, *X264, *AAC, plain)
    if kind == "turned":
        turn(plain, target)
    elif kind == "late":
        target = folder / "late.ts"
        run_ffmpeg("-i", plain, "-c", "copy", "-output_ts_offset", "7.3", target)
    elif kind == "avi":
        target = folder / "film.avi"
        run_ffmpeg("-i", plain, "-c:v", "mpeg4", "-bf", "2", "-c:a", "mp2", target)
    elif kind == "full range":
        target = folder / "full.mov"
        run_ffmpeg("-i", plain, "-vf", "scale=out_range=pc:out_color_matrix=bt709,format=yuvj422p", "-c:v", "mjpeg", "-an", target)
    else:
        return plain
    return target


def _surveyed(path: Path, info: MediaInfo, folder: Path) -> Spool:
    for index in range(len(survey_ranges(info))):
        survey_chunk(path, info, folder, index)
    return Spool(folder, info)


def _assert_same(one: Spool, other: Spool) -> None:
    for left, right in zip(one.curve(), other.curve(), strict=True):
        np.testing.assert_allclose(left, right, atol=1e-9)
    frames, others = list(one.frames(0, one.duration_s)), list(other.frames(0, one.duration_s))
    assert [frame.time_s for frame in frames] == [frame.time_s for frame in others]
    assert len(frames) > 10
    for frame, same in zip(frames, others, strict=True):
        np.testing.assert_array_equal(frame.image, same.image)
    assert one.shots() == other.shots()
    np.testing.assert_allclose(one.audio(0, one.duration_s), other.audio(0, one.duration_s), atol=2 / 32768)


@pytest.mark.parametrize("kind", ["constant", "vfr", "turned", "late", "avi", "full range"])
def test_pictures_and_times_are_those_of_the_usual_way(kind: str, crashing: Callable[..., list[int]], tmp_path: Path) -> None:
    path = _film(tmp_path, kind)
    info = probe(path)
    assert info.video is not None
    assert (info.video.is_variable, info.video.rotation_deg != 0) == (kind == "vfr", kind == "turned")
    usual = _surveyed(path, info, tmp_path / "usual")
    statuses = crashing("survey")
    fallback = _surveyed(path, info, tmp_path / "fallback")
    assert statuses == [-signal.SIGSEGV, 0]
    _assert_same(usual, fallback)
    assert usual.notes() == ()
    assert fallback.notes() == (NOTE,)
    film = Film(path=path, info=info, spool=fallback, workdir=tmp_path)
    by = Provenance(writer="test", confidence=1.0)
    assert NOTE in film_meta(film, description="", languages=[], card=None, by=by).notes


@pytest.mark.parametrize("kind", ["constant", "vfr", "turned", "late"])
def test_a_crash_in_the_probe_gives_the_same_description(kind: str, crashing: Callable[..., list[int]], tmp_path: Path) -> None:
    path = _film(tmp_path, kind)
    usual = probe(path)
    statuses = crashing("probe", "survey")
    info = probe(path)
    assert statuses == [-signal.SIGSEGV, 0]
    assert usual.video is not None
    assert info.video is not None
    told, expected = info.to_data(), usual.to_data()
    assert (told["video"].pop("is_outside"), expected["video"].pop("is_outside")) == (True, False)
    assert (told.pop("notes"), expected.pop("notes")) == ([NOTE], [])
    assert told == expected
    _assert_same(_surveyed(path, info, tmp_path / "spool"), _surveyed_as_usual(path, usual, tmp_path / "usual"))


def _surveyed_as_usual(path: Path, info: MediaInfo, folder: Path) -> Spool:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(child, "run_limited", run_limited)
        return _surveyed(path, info, folder)


@pytest.mark.parametrize("container", ["mp4", "ts", "mkv"])
def test_a_later_piece_begins_where_it_should(
    container: str, crashing: Callable[..., list[int]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Pieces of two seconds of a film whose clock starts late, so that the program seeks for most of them."""
    monkeypatch.setattr("inference.media.spool.CHUNK_S", 2.0)
    path = tmp_path / f"film.{container}"
    inputs = ("-f", "lavfi", "-i", flash_source(7.0, duration_s=9.0), "-f", "lavfi", "-i", beep_source(7.0, duration_s=9.0))
    run_ffmpeg(*inputs, *X264, *AAC, "-output_ts_offset", "7.3", path)
    info = probe(path)
    usual = _surveyed(path, info, tmp_path / "usual")
    crashing("survey")
    _assert_same(usual, _surveyed(path, info, tmp_path / "fallback"))


def test_where_both_stop_nobody_reads_that_the_file_is_damaged(
    crashing: Callable[..., list[int]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = _film(tmp_path, "constant")
    info = probe(path)
    crashing("probe", "survey")
    dying = [sys.executable, "-c", "import os, signal; os.kill(os.getpid(), signal.SIGSEGV)"]
    monkeypatch.setattr(ffmpeg, "run_limited", lambda argv, *rest: run_limited(dying, *rest))
    for act in (lambda: survey_chunk(path, info, tmp_path / "spool", 0), lambda: probe(path)):
        with pytest.raises(DecoderStoppedError, match="crash") as caught:
            act()
        assert "damaged" not in f"{caught.value} {caught.value.remedy}"
    assert list((tmp_path / "spool").iterdir()) == []


def test_a_broken_file_still_says_so(tmp_path: Path) -> None:
    path = _film(tmp_path, "constant")
    path.write_bytes(path.read_bytes()[:1_000])
    with pytest.raises(BrokenMediaError) as caught:
        probe(path)
    assert "damaged" in caught.value.remedy
