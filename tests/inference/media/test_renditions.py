"""Renditions: what the browser gets keeps the film's clock, size and picture."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from inference.errors import Cancelled
from inference.media import MediaInfo, Spool, ffmpeg_program, make_poster, make_proxy, make_sprites, make_waveform, probe
from inference.media.renditions.proxy import plays_as_is, proxy_rate, proxy_size
from inference.media.sandbox.ffmpeg import run_ffmpeg as run_command
from inference.media.sandbox.ffmpeg import source
from tests.inference.media.clips import AAC, X264, beep_source, look, make_clip, run_ffmpeg, turn
from tests.inference.media.test_clock import EARLY, EVERY_THIRD, HOLE, LATE


def quiet(share: float, message: str) -> None:
    """A report that only checks its arguments."""
    assert 0.0 <= share <= 1.0
    assert isinstance(message, str)


SOURCES = {
    "plain.mp4": ({}, (*X264, "-g", "250", *AAC)),
    "late.mp4": (LATE, (*X264, *AAC)),
    "early.mkv": (EARLY, (*X264, *AAC)),
    "start100.ts": (LATE, (*X264, *AAC, "-output_ts_offset", "100")),
    "hole.mkv": ({}, (*X264, *AAC, *HOLE)),
    "variable.mkv": ({}, (*X264, *AAC, *EVERY_THIRD)),
    "film.mxf": ({"rate": "30000/1001"}, ("-c:v", "mpeg2video", "-c:a", "pcm_s16le", "-ar", "48000")),
    "vp9.webm": ({}, ("-c:v", "libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8", "-c:a", "libopus")),
}


@pytest.mark.parametrize("name", SOURCES)
def test_the_proxy_keeps_the_clock(name: str, tmp_path: Path) -> None:
    keywords, options = SOURCES[name]
    film = make_clip(tmp_path / name, *options, **keywords)  # type: ignore[arg-type]
    before = look(film, tmp_path / "before")
    proxy = make_proxy(film, before.info, tmp_path / "out", quiet)
    after = look(proxy.path, tmp_path / "after")
    video = after.info.video
    assert video is not None
    assert before.flash_s is not None
    assert before.beep_s is not None
    half_frame_s = 0.5 / float(video.frame_rate) + 0.001
    assert after.flash_s == pytest.approx(before.flash_s, abs=half_frame_s)
    assert after.beep_s == pytest.approx(before.beep_s, abs=0.025)
    assert video.start_s == 0.0
    assert not video.is_variable
    assert video.keyframe_gap_s <= 1.0 + 1e-6
    assert (video.codec, video.pixel_format, after.info.audio[0].codec) == ("h264", "yuv420p", "aac")
    assert after.info.duration_s == pytest.approx(before.info.duration_s, abs=0.15)
    data = proxy.path.read_bytes()
    assert data.index(b"moov") < data.index(b"mdat"), "index in front"
    assert not proxy.details["is_copy"]


def test_a_film_that_browsers_play_is_copied_without_encoding(plain_clip: Path, tmp_path: Path) -> None:
    info = probe(plain_clip)
    assert plays_as_is(info)
    proxy = make_proxy(plain_clip, info, tmp_path, quiet)
    assert proxy.details["is_copy"]
    seen = look(proxy.path, tmp_path / "spool")
    assert (seen.flash_s, round(seen.beep_s or 0, 2)) == (3.0, 3.0)


def test_rotation_odd_sizes_and_pixel_aspect_come_out_upright_and_even(tmp_path: Path) -> None:
    tall = tmp_path / "tall.mp4"
    run_ffmpeg(
        "-f", "lavfi", "-i", "color=black:s=320x180:r=25:d=1,drawbox=x=0:y=0:w=60:h=60:color=white:t=fill", *X264, tmp_path / "flat.mp4"
    )
    turn(tmp_path / "flat.mp4", tall)
    odd = tmp_path / "odd.mkv"
    run_ffmpeg("-f", "lavfi", "-i", "testsrc=s=351x199:r=25:d=1", "-c:v", "ffv1", odd)
    wide = tmp_path / "wide.mkv"
    run_ffmpeg("-f", "lavfi", "-i", "testsrc=s=360x288:r=25:d=1,setsar=64/45", "-c:v", "mpeg2video", wide)
    info = probe(tall)
    assert info.video is not None
    assert info.video.rotation_deg in {90, 270}
    assert (info.video.width_px, info.video.height_px) == (180, 320)
    seen = look(tall, tmp_path / "spool")
    frame = next(iter(seen.spool.frames(0, 1))).image
    with_ffmpeg = tmp_path / "upright.png"
    run_ffmpeg("-i", tall, "-frames:v", "1", with_ffmpeg)
    reference = np.asarray(Image.open(with_ffmpeg).convert("RGB"))
    assert frame.shape == reference.shape == (320, 180, 3)
    assert np.abs(frame.astype(int) - reference).mean() < 6, "turned the same way as the ffmpeg program turns it"
    for film, size in ((tall, (180, 320)), (odd, (352, 200)), (wide, (512, 288))):
        proxy = make_proxy(film, probe(film), tmp_path / film.stem, quiet)
        video = probe(proxy.path).video
        assert video is not None
        assert (video.width_px, video.height_px, video.rotation_deg) == (*size, 0)


@pytest.mark.parametrize("turn", ["hflip", "vflip", "transpose=0", "transpose=1", "transpose=2", "transpose=3", "hflip,vflip"])
def test_all_orientations_match_the_display_matrix(turn: str) -> None:
    """The eight matrices, against the same turn done by numpy."""
    import struct

    from inference.media.decoding.orientation import orientation_of, upright

    image = np.arange(12, dtype=np.uint8).reshape(2, 2, 3)
    turned = {
        "hflip": image[:, ::-1],
        "vflip": image[::-1],
        "transpose=0": image.transpose(1, 0, 2),
        "transpose=1": np.rot90(image, -1),
        "transpose=2": np.rot90(image, 1),
        "transpose=3": np.rot90(image, -1)[::-1],
        "hflip,vflip": np.rot90(image, 2),
    }
    # (a, b, c, d): stored (x, y) is shown at (a x + c y, b x + d y)
    matrices = {
        "hflip": (-1, 0, 0, 1), "vflip": (1, 0, 0, -1), "transpose=0": (0, 1, 1, 0), "transpose=1": (0, 1, -1, 0),
        "transpose=2": (0, -1, 1, 0), "transpose=3": (0, -1, -1, 0), "hflip,vflip": (-1, 0, 0, -1),
    }  # fmt: skip
    a, b, c, d = (value * 65_536 for value in matrices[turn])

    class FakeFrame:
        side_data = {__import__("av").sidedata.sidedata.Type.DISPLAYMATRIX: struct.pack("<9i", a, b, 0, c, d, 0, 0, 0, 1 << 30)}

    orientation = orientation_of(FakeFrame())  # type: ignore[arg-type]
    assert np.array_equal(upright(image, *orientation), turned[turn])


def test_sizes_and_rates_of_the_proxy_stay_in_bounds(plain_clip: Path) -> None:
    from dataclasses import replace
    from fractions import Fraction

    video = probe(plain_clip).video
    assert video is not None
    sizes = {
        (1920, 1080): (1280, 720),
        (1080, 1920): (720, 1280),
        (720, 576): (720, 576),
        (4096, 1716): (1280, 536),
        (641, 361): (640, 360),
        (3, 9000): (2, 1280),
    }
    for (width, height), expected in sizes.items():
        assert proxy_size(replace(video, width_px=width, height_px=height)) == expected
    rates = {Fraction(25): 25, Fraction(60000, 1001): Fraction(60000, 1001), Fraction(120): 60}
    for rate, expected_rate in rates.items():
        assert proxy_rate(replace(video, frame_rate=rate)) == expected_rate
    assert proxy_rate(replace(video, frame_rate=Fraction(1000))) <= 60
    assert proxy_rate(replace(video, frame_rate=Fraction(400, 41), is_variable=True)) == 24


def test_sound_only_gets_a_sound_proxy_and_a_drawn_poster(tmp_path: Path) -> None:
    song = tmp_path / "song.flac"
    run_ffmpeg("-f", "lavfi", "-i", beep_source(1.0, duration_s=3.0, channels="stereo"), song)
    seen = look(song, tmp_path / "spool")
    proxy = make_proxy(song, seen.info, tmp_path / "out", quiet)
    assert (proxy.path.name, proxy.mime_type) == ("proxy.m4a", "audio/mp4")
    assert look(proxy.path, tmp_path / "after").beep_s == pytest.approx(1.0, abs=0.02)
    poster = make_poster(song, seen.info, tmp_path / "out", quiet, spool=seen.spool)
    assert np.asarray(Image.open(poster.path)).std() > 5
    sprites = make_sprites(song, seen.info, tmp_path / "out", quiet, spool=seen.spool)
    assert sprites.details["num_tiles"] == 1


def test_cover_art_is_not_a_film(tmp_path: Path) -> None:
    song = tmp_path / "song.mp3"
    Image.new("RGB", (64, 64), "red").save(tmp_path / "cover.png")
    run_ffmpeg(
        "-f", "lavfi", "-i", beep_source(0.5, duration_s=1.0), "-i", tmp_path / "cover.png", "-map", "0", "-map", "1",
        "-c:a", "libmp3lame", "-c:v", "copy", "-disposition:v", "attached_pic", song,
    )  # fmt: skip
    info = probe(song)
    assert info.video is None
    assert info.has_attached_picture
    assert make_proxy(song, info, tmp_path / "out", quiet).mime_type == "audio/mp4"


def test_a_silent_film_has_no_sound_anywhere(tmp_path: Path) -> None:
    film = make_clip(tmp_path / "silent.mkv", "-c:v", "mpeg4", beep_s=None, duration_s=2.0, flash_s=1.0)
    seen = look(film, tmp_path / "spool")
    assert not seen.spool.has_audio
    assert not seen.spool.audio(0, 2).any()
    assert probe(make_proxy(film, seen.info, tmp_path / "out", quiet).path).audio == ()
    waveform = json.loads(make_waveform(film, seen.info, tmp_path / "out", quiet, spool=seen.spool).path.read_text())
    assert waveform["min"] == waveform["max"] == []


def test_the_default_track_is_heard_and_mono_production_tracks_are_mixed(tmp_path: Path) -> None:
    two = tmp_path / "two.mkv"
    inputs = ["-f", "lavfi", "-i", beep_source(0.5, duration_s=2.0), "-f", "lavfi", "-i", beep_source(1.5, duration_s=2.0)]
    run_ffmpeg(*inputs, "-map", "0", "-map", "1", "-c:a", "flac", "-disposition:a:0", "0", "-disposition:a:1", "default", two)
    seen = look(two, tmp_path / "two.spool")
    assert (seen.info.heard, len(seen.info.audio)) == ((1,), 2)
    assert seen.beep_s == pytest.approx(1.5, abs=0.02)
    tracks = tmp_path / "tracks.mov"
    run_ffmpeg(*inputs, "-map", "0", "-map", "1", "-c:a", "pcm_s16le", tracks)
    both = look(tracks, tmp_path / "tracks.spool")
    assert both.info.heard == (0, 1)
    assert both.beep_s == pytest.approx(0.5, abs=0.02)
    assert np.abs(both.spool.audio(1.5, 1.7)).max() > 0.3
    proxy = look(make_proxy(tracks, both.info, tmp_path / "out", quiet).path, tmp_path / "proxy.spool")
    assert proxy.beep_s == pytest.approx(0.5, abs=0.02)


def test_interlaced_pictures_have_no_combs(tmp_path: Path) -> None:
    film = tmp_path / "fields.mxf"
    fields = "testsrc2=s=720x576:r=50:d=1,interlace=scan=tff"
    codec = ["-c:v", "mpeg2video", "-flags", "+ilme+ildct", "-b:v", "8M", "-r", "25"]
    run_ffmpeg("-f", "lavfi", "-i", fields, *codec, film)
    info = probe(film)
    assert info.video is not None
    assert info.video.is_interlaced
    assert not plays_as_is(info)
    proxy = probe(make_proxy(film, info, tmp_path / "out", quiet).path)
    assert proxy.video is not None
    assert not proxy.video.is_interlaced


def test_the_poster_is_lit_the_sprites_match_their_index_and_the_waveform_shows_the_beep(tmp_path: Path) -> None:
    film = tmp_path / "film.mp4"
    picture = "testsrc=s=320x240:r=10:d=12,drawbox=enable='lt(t,8)':color=black:t=fill"
    run_ffmpeg("-f", "lavfi", "-i", picture, "-f", "lavfi", "-i", beep_source(5.0, duration_s=12.0), *X264, *AAC, film)
    seen = look(film, tmp_path / "spool")
    poster = make_poster(film, seen.info, tmp_path / "out", quiet, spool=seen.spool)
    assert np.asarray(Image.open(poster.path)).mean() > 60
    assert poster.details["time_s"] >= 8
    sprites = make_sprites(film, seen.info, tmp_path / "out", quiet, spool=seen.spool)
    sheet = Image.open(sprites.path)
    index = sprites.companions[0].path.read_text()
    cues = re.findall(r"(\d\d):(\d\d):(\d\d\.\d{3}) --> .*\nsprites\.jpg#xywh=(\d+),(\d+),(\d+),(\d+)", index)
    assert (index.startswith("WEBVTT\n"), len(cues), sprites.details["num_tiles"]) == (True, 12, 12)
    for _, _, second, left, top, width, height in cues:
        tile = np.asarray(sheet.crop((int(left), int(top), int(left) + int(width), int(top) + int(height))))
        assert tile.shape[:2] == (120, 160)
        assert (tile.mean() > 60) == (float(second) >= 8)
    waveform = json.loads(make_waveform(film, seen.info, tmp_path / "out", quiet, spool=seen.spool).path.read_text())
    assert (waveform["rate_hz"], len(waveform["min"]), len(waveform["max"])) == (20, 240, 240)
    loud = np.flatnonzero(np.array(waveform["max"]) > 30)
    assert list(loud) == pytest.approx([100, 101, 102, 103], abs=1)
    assert min(waveform["min"]) >= -128


def test_renditions_can_be_made_without_a_spool(plain_clip: Path, tmp_path: Path) -> None:
    info = probe(plain_clip)
    assert make_waveform(plain_clip, info, tmp_path, quiet).details["num_peaks"] == pytest.approx(100, abs=1)


def test_cancelling_stops_ffmpeg_and_removes_what_it_wrote(tmp_path: Path) -> None:
    film = tmp_path / "film.mkv"
    run_ffmpeg("-f", "lavfi", "-i", "testsrc2=s=1280x720:r=30:d=20", "-c:v", "mpeg4", "-q:v", "5", film)
    info = probe(film)
    calls = []

    def cancel(share: float, message: str) -> None:
        calls.append(share)
        if len(calls) > 1:
            raise Cancelled("asked to stop")

    with pytest.raises(Cancelled):
        make_proxy(film, info, tmp_path / "out", cancel)
    assert list((tmp_path / "out").iterdir()) == []


def test_every_command_is_a_list_with_its_walls_in_front(plain_clip: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from inference.media.sandbox import ffmpeg as module

    seen: list[list[str]] = []
    real = module.run_limited
    monkeypatch.setattr(module, "run_limited", lambda argv, *rest: seen.append(list(argv)) or real(argv, *rest))
    make_proxy(plain_clip, probe(plain_clip), tmp_path, quiet)
    argv = seen[0]
    assert argv[0] == ffmpeg_program()
    first_input = argv.index("-i")
    for wall in ("-protocol_whitelist", "-format_whitelist"):
        assert argv.index(wall) < first_input
    assert argv[argv.index("-protocol_whitelist") + 1] == "file"
    assert argv[first_input + 1] == f"file:{plain_clip.resolve()}"


def test_the_ffmpeg_program_reads_no_other_file_either(tmp_path: Path) -> None:
    """A playlist that got past everything else is refused by the program's own walls."""
    import ffmpeg

    from inference.errors import BrokenMediaError

    playlist = tmp_path / "list.mp4"
    playlist.write_text("#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n#EXT-X-ENDLIST\n")
    target = tmp_path / "out.mp4"
    with pytest.raises(BrokenMediaError):
        run_command(ffmpeg.output(source(playlist), str(target)), playlist, target, 1.0, quiet)
    assert not target.exists()


def test_descriptions_survive_json(plain_clip: Path) -> None:
    info = probe(plain_clip)
    assert MediaInfo.from_data(json.loads(json.dumps(info.to_data()))) == info
    with pytest.raises(ValueError, match="not a media description"):
        MediaInfo.from_data({"num_bytes": 1, "nonsense": 2})
    assert Spool(Path("nowhere"), info).missing() == [0]
