"""One clock: whatever a container does with its stamps, the flash and the beep are where they were made.

Each film is written by ffmpeg with a flash at 3.0 s of the picture and a beep that coincides with it; frames must be exact to
the stamp, sound to 20 ms.
"""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from inference.media import probe, survey_ranges
from inference.media.decoding.seeking import packets_from
from tests.inference.media.clips import AAC, X264, beep_source, frame_timing, look, make_clip, run_ffmpeg

PCM = ("-c:a", "pcm_s16le")
EVERY_THIRD = ("-vf", "select='not(mod(n,3))+between(t,2.9,3.3)'", *frame_timing("vfr"))
HOLE = ("-af", "aselect='not(between(t,0.5,2))'")

SONGS: dict[str, tuple[str, ...]] = {
    "a.wav": (),
    "a.mp3": ("-c:a", "libmp3lame"),
    "a.flac": (),
    "a.ogg": ("-c:a", "libvorbis"),
    "a.m4a": AAC,
    "a.opus": ("-c:a", "libopus"),
    "a.aac": AAC,
    "a.aiff": (),
    "a.ac3": (),
    "a.mka": ("-c:a", "libopus"),
}

LATE = {"beep_s": 1.0, "audio_offset_s": 2.0}
EARLY = {"beep_s": 5.0, "audio_offset_s": -2.0}

FILMS = {
    "plain.mp4": ({}, (*X264, *AAC)),
    "late.mp4": (LATE, (*X264, *AAC)),
    "early.mp4": (EARLY, (*X264, *AAC)),
    "late.mkv": (LATE, (*X264, *AAC)),
    "early.mkv": (EARLY, (*X264, *AAC)),
    "late.ts": (LATE, (*X264, *AAC)),
    "early.ts": (EARLY, (*X264, *AAC)),
    "mpeg2.ts": ({}, ("-c:v", "mpeg2video", "-bf", "2", "-c:a", "mp2")),
    "program.mpg": ({}, ("-c:v", "mpeg2video", "-bf", "2", "-c:a", "mp2")),
    "start5.mkv": ({}, (*X264, *AAC, "-output_ts_offset", "5")),
    "start5.mp4": ({}, (*X264, *AAC, "-output_ts_offset", "5")),
    "start100.ts": ({}, (*X264, *AAC, "-output_ts_offset", "100")),
    "hole.mkv": ({}, (*X264, *AAC, *HOLE)),
    "hole.mp4": ({}, (*X264, *AAC, *HOLE)),
    "variable.mkv": ({}, (*X264, *AAC, *EVERY_THIRD)),
    "variable.mp4": ({}, (*X264, *AAC, *EVERY_THIRD)),
    "mpeg4.avi": ({}, ("-c:v", "mpeg4", "-bf", "2", *PCM)),
    "h264.avi": ({}, (*X264, *PCM)),
    "xdcam.mxf": ({}, ("-c:v", "mpeg2video", "-bf", "2", *PCM, "-ar", "48000")),
    "flash.flv": ({}, (*X264, *AAC, "-ar", "44100")),
    "vp9.webm": ({}, ("-c:v", "libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8", "-c:a", "libopus")),
    "prores.mov": ({}, ("-c:v", "prores_ks", "-c:a", "pcm_s24le")),
    "dnxhr.mov": ({}, ("-vf", "scale=480:270,format=yuv422p", "-c:v", "dnxhd", "-profile:v", "dnxhr_lb", *PCM)),
    "theora.ogv": ({}, ("-c:v", "libtheora", "-c:a", "libvorbis")),
    "windows.asf": ({}, ("-c:v", "wmv2", "-c:a", "wmav2")),
    "surround.mkv": ({}, (*X264, "-c:a", "ac3", "-ac", "6")),
}


@pytest.mark.parametrize("name", FILMS)
def test_the_flash_and_the_beep_are_where_they_were_made(name: str, tmp_path: Path) -> None:
    keywords, options = FILMS[name]
    seen = look(make_clip(tmp_path / name, *options, **keywords), tmp_path / "spool")  # type: ignore[arg-type]
    assert seen.flash_s == pytest.approx(3.0, abs=0.0011)
    assert seen.beep_s == pytest.approx(3.0, abs=0.020)
    assert seen.info.video is not None
    assert seen.info.video.is_variable == name.startswith("variable")
    assert seen.info.duration_s == pytest.approx(5.0, abs=0.06)


def test_a_cut_without_encoding_starts_at_its_first_displayed_frame(plain_clip: Path, tmp_path: Path) -> None:
    """Copied from 1.32 s on: the file holds frames from the keyframe at 1.0 s, hidden by an edit list."""
    run_ffmpeg("-ss", "1.32", "-i", plain_clip, "-c", "copy", tmp_path / "cut.mp4")
    seen = look(tmp_path / "cut.mp4", tmp_path / "spool")
    assert seen.flash_s == pytest.approx(3.0 - 1.32, abs=0.001)
    assert seen.flash_s is not None
    assert seen.beep_s == pytest.approx(seen.flash_s, abs=0.020)
    assert next(iter(seen.spool.frames(0, 1))).time_s == 0.0


@pytest.mark.parametrize("rate", ["24000/1001", "24", "25", "30000/1001", "50", "60000/1001"])
@pytest.mark.parametrize("container", ["mp4", "mkv"])
def test_frames_have_their_exact_times_and_the_rate_is_a_fraction(rate: str, container: str, tmp_path: Path) -> None:
    clip = make_clip(tmp_path / f"film.{container}", *X264, beep_s=None, rate=rate, duration_s=2.0, flash_s=1.0)
    seen = look(clip, tmp_path / "spool")
    assert seen.info.video is not None
    assert seen.info.video.frame_rate == Fraction(rate)
    times_s, _, _ = seen.spool.curve()
    exact = np.arange(len(times_s)) / float(Fraction(rate))
    assert len(times_s) == seen.info.video.num_frames == round(2 * Fraction(rate))
    assert np.abs(times_s - exact).max() <= (0.0011 if container == "mkv" else 1e-6)  # Matroska counts in milliseconds


def test_sampled_frames_are_those_on_screen_at_each_quarter_second(plain_clip: Path, tmp_path: Path) -> None:
    seen = look(plain_clip, tmp_path / "spool")
    found = [frame.time_s for frame in seen.spool.frames(1.0, 3.0)]
    assert found == pytest.approx([np.floor(quarter / 4 * 25) / 25 for quarter in range(4, 12)])
    assert [frame.image.mean() > 200 for frame in seen.spool.frames(2.5, 3.5)] == [False, False, True, False]
    assert len(list(seen.spool.frames(0.0, 5.0, rate_hz=1.0))) == 5


def test_a_track_of_sound_with_a_late_start_keeps_its_silence(tmp_path: Path) -> None:
    seen = look(make_clip(tmp_path / "late.mkv", *X264, *AAC, **LATE), tmp_path / "spool")  # type: ignore[arg-type]
    assert seen.info.audio[0].start_s == pytest.approx(2.0, abs=0.025)
    assert np.abs(seen.spool.audio(0.0, 1.95)).max() == 0.0
    assert len(seen.spool.audio(0.3, 1.7)) == round(1.4 * 16_000)
    assert len(seen.spool.audio(4.0, 9.0)) == 5 * 16_000, "beyond the end is silence"


def test_sound_holes_are_known(tmp_path: Path) -> None:
    info = probe(make_clip(tmp_path / "hole.mkv", *X264, *AAC, *HOLE))
    assert info.audio[0].has_gaps


def test_a_recording_whose_clock_jumps_is_laid_end_to_end(tmp_path: Path) -> None:
    first = make_clip(tmp_path / "a.ts", *X264, *AAC, "-output_ts_offset", "30000")
    second = make_clip(tmp_path / "b.ts", *X264, *AAC, "-output_ts_offset", "10")
    joined = tmp_path / "joined.ts"
    joined.write_bytes(first.read_bytes() + second.read_bytes())
    seen = look(joined, tmp_path / "spool")
    assert seen.info.has_jumps
    assert not seen.info.is_seekable
    assert seen.info.duration_s == pytest.approx(10.0, abs=0.15)
    times_s, luma, _ = seen.spool.curve()
    starts = times_s[1:][(luma[1:] > 0.7) & (luma[:-1] <= 0.7)]
    assert starts == pytest.approx([3.0, 8.0], abs=0.1)
    loud = np.abs(seen.spool.audio(0, 10)) > 0.15
    assert np.flatnonzero(loud[6 * 16_000 :])[0] / 16_000 + 6 == pytest.approx(starts[1], abs=0.06)


@pytest.mark.parametrize("name", ["long.mp4", "long.mkv", "long.ts", "long.avi", "long.mpg", "long.flv"])
def test_pieces_of_a_long_film_join_without_a_seam(name: str, tmp_path: Path) -> None:
    """Cuts and beeps beside the border at 120 s, in containers that seek well, badly, or not at all; keyframes ten seconds apart."""
    codecs = ("-c:v", "mpeg2video", "-c:a", "mp2") if name.endswith("mpg") else (*X264, "-g", "250", "-bf", "0", "-c:a", "pcm_s16le")
    codecs = (*X264, "-g", "250", "-c:a", "mp2") if name.endswith(("ts", "mp4")) else codecs
    colours = (
        "color=c=0x204060:s=64x48:r=25:d=125,drawbox=enable='gte(t,119.99)':c=orange:t=fill,drawbox=enable='gte(t,121.99)':c=green:t=fill"
    )
    sound = "aevalsrc='0.5*sin(2*PI*400*t)*(between(t,119.5,120.5)+between(t,122,122.2))':s=48000:d=125"
    run_ffmpeg("-f", "lavfi", "-i", colours, "-f", "lavfi", "-i", sound, *codecs, "-ar", "44100", tmp_path / name)
    seen = look(tmp_path / name, tmp_path / "spool")
    assert len(survey_ranges(seen.info)) == 2
    assert [start for start, _ in seen.spool.shots()] == pytest.approx([0.0, 120.0, 122.0], abs=0.0011)
    times_s, _, _ = seen.spool.curve()
    slack_s = 0.041 if name.endswith("mpg") else 0.002  # FFmpeg's stamps are a frame off where a program stream packs small frames together
    assert np.diff(times_s) == pytest.approx(0.04, abs=slack_s), "no frame lost or doubled at the border"
    loud = np.flatnonzero(np.abs(seen.spool.audio(119, 123)) > 0.1) / 16_000 + 119
    assert loud[0] == pytest.approx(119.5, abs=0.025)
    assert loud[-1] == pytest.approx(122.2, abs=0.025)
    middle = seen.spool.audio(119.6, 120.4).reshape(-1, 160)
    assert np.abs(middle).max(axis=1).min() > 0.2, "the beep across the border has no hole"
    border_frames = [frame.time_s for frame in seen.spool.frames(119.5, 121.0)]
    assert len(border_frames) == len(set(border_frames)) == 6


def test_reading_from_a_moment_begins_at_a_keyframe_at_or_before_it(tmp_path: Path) -> None:
    clip = make_clip(tmp_path / "film.ts", *X264, *AAC, duration_s=20.0)
    info = probe(clip)
    assert info.video is not None
    pictures = [timed for timed in packets_from(clip, info, 12.0) if timed.packet.stream.index == info.video.index]
    assert pictures[0].packet.is_keyframe
    assert pictures[0].time_s is not None
    assert 2.0 <= pictures[0].time_s <= 12.0


def test_sound_only_starts_at_its_first_sample(tmp_path: Path) -> None:
    for name, options in SONGS.items():
        run_ffmpeg("-f", "lavfi", "-i", beep_source(1.0, duration_s=2.0), *options, tmp_path / name)
        seen = look(tmp_path / name, tmp_path / f"{name}.spool")
        slack = 0.050 if name in {"a.aac", "a.ac3"} else 0.020  # raw streams do not say how much of their start is priming
        assert seen.beep_s == pytest.approx(1.0, abs=slack), name
        assert seen.info.video is None
        assert seen.spool.shots() == [(0.0, seen.info.duration_s)]
        assert seen.spool.frame_size == (0, 0)
        assert list(seen.spool.frames(0, 1)) == []


def test_start_timecode_is_found_with_its_drop_frame_flag(tmp_path: Path) -> None:
    drop = make_clip(tmp_path / "drop.mov", *X264, *AAC, "-timecode", "00:59:59;28", rate="30000/1001", duration_s=1.0, flash_s=0.5)
    plain = make_clip(
        tmp_path / "plain.mxf", "-c:v", "mpeg2video", *PCM, "-ar", "48000", "-timecode", "10:00:00:00", duration_s=1.0, flash_s=0.5
    )
    assert (probe(drop).start_timecode, probe(drop).drop_frame) == ("00:59:59;28", True)
    assert (probe(plain).start_timecode, probe(plain).drop_frame) == ("10:00:00:00", False)
    silent = make_clip(tmp_path / "none.mp4", *X264, beep_s=None, duration_s=1.0, flash_s=0.5)
    assert probe(silent).start_timecode == ""
