"""Sound that is there is heard: the cases that were lost once, and a part of the matrix (all of it: ``benchmarks/sound_matrix.py``)."""

from __future__ import annotations

import wave
from pathlib import Path

import numpy as np
import pytest
from av.audio.frame import AudioFrame

from inference.media import MediaInfo, Spool, probe, survey_chunk
from inference.media.decoding.ltc import first_label, is_ltc
from inference.media.decoding.sound import SoundTrack
from inference.media.decoding.stamps import JumpMender
from inference.media.tracks import heard_in, same_language, spoken_of
from tests.inference.media.clips import AAC, X264, look, run_ffmpeg
from tests.inference.media.sound_cells import Cell, cells
from tests.inference.media.sound_matrix import heard_of

PICTURE = ("-f", "lavfi", "-i", "testsrc2=s=160x120:r=25:d=4")
BEEP = "aevalsrc='0.5*sin(6283*t)*between(t,1,1.5)':s=48000:d=4"
TONE = "sine=f=300:d=4:r=48000"

SOME = [
    "mp4-aac-late", "mp4-aac-pause", "mov-pcm_s16le-tracks", "mkv-libopus-late", "mkv-pcm_s24le-7.1", "mkv-aac-offset",
    "webm-libvorbis-gap", "ts-aac-late", "ts-aac-pause", "ts-ac3-5.1", "ts-mp2-offset", "mpg-mp2-late", "flv-aac-pause", "avi-mp3-plain",
    "mxf-pcm_s16le-plain", "asf-wmav2-stereo", "wav-pcm_s24le-5.1", "flac-flac-stereo", "ogg-libopus-plain", "mp3-mp3-plain",
    "wav-adpcm_ms-stereo", "mpg-ac3-gap", "ts-aac-late8", "mp4-aac-early",
]  # fmt: skip


@pytest.mark.parametrize("cell", [cell for cell in cells() if cell.name in SOME], ids=lambda cell: cell.name)
def test_what_is_heard_is_what_the_program_decodes(cell: Cell, tmp_path: Path) -> None:
    """Every burst of sound is in the survey and in the proxy, within a frame and 1 dB."""
    heard = heard_of(cell, tmp_path)
    assert heard is not None, "the program cannot write this film"
    for what, difference in heard[1].items():
        assert difference.is_right, (what, difference)


def _level_db(samples: np.ndarray) -> float:
    return 20 * float(np.log10(np.sqrt(np.square(samples).mean()) + 1e-9))


def test_sound_that_begins_after_the_probe_window(tmp_path: Path) -> None:
    """Blocks without a stamp follow the one before them: all of it is heard, and it goes on to its end."""
    target = tmp_path / "late.ts"
    tone = ("-itsoffset", "8", "-f", "lavfi", "-i", "sine=f=500:d=5:r=16000")
    run_ffmpeg("-f", "lavfi", "-i", "testsrc2=s=320x180:r=25:d=17", *tone, *X264, *AAC, "-ac", "1", target)
    seen = look(target, tmp_path / "spool")
    for start_s in np.arange(8.2, 12.6, 0.5):
        assert _level_db(seen.spool.audio(float(start_s), float(start_s) + 0.4)) > -30


@pytest.mark.parametrize("suffix", ["flv", "ts"])
def test_sound_that_pauses_keeps_its_stamps(suffix: str, tmp_path: Path) -> None:
    target = tmp_path / f"pause.{suffix}"
    sound = "aevalsrc='0.7*sin(6283*t)*(between(t,2,2.2)+between(t,20,20.2))':s=44100:d=24,aselect='lt(t,3)+gte(t,18)'"
    run_ffmpeg("-f", "lavfi", "-i", "testsrc2=s=160x120:r=25:d=24", "-f", "lavfi", "-i", sound, *X264, *AAC, target)
    seen = look(target, tmp_path / "spool")
    assert not seen.info.has_jumps
    assert _level_db(seen.spool.audio(20.0, 20.2)) > -10
    assert _level_db(seen.spool.audio(4.0, 19.5)) < -60


def _block(first: int, count: int = 1536) -> AudioFrame:
    """A constant tone's samples from ``first`` on, 48 kHz."""
    wave = 0.5 * np.sin(2 * np.pi * 500 * np.arange(first, first + count) / 48_000)
    block = AudioFrame.from_ndarray(wave[None].astype(np.float32), format="flt", layout="mono")
    block.sample_rate = 48_000
    return block


def _track(stamps_s: list[float]) -> np.ndarray:
    """What is kept of blocks of 32 ms that follow each other but are stamped so."""
    track = SoundTrack(0.0, 1.0)
    for number, time_s in enumerate(stamps_s):
        track.take(_block(1536 * number), time_s)
    track.finish()
    return track.samples.astype(np.float32) / 32768


def test_one_block_with_a_wrong_stamp_stays_where_it_follows() -> None:
    """As MPEG program streams have them: a frame that two packets share is stamped as the one after it."""
    stamps = [0.032 * number for number in range(31)]
    right = _track(stamps)
    assert np.allclose(_track([*stamps[:10], stamps[11], *stamps[11:]]), right, atol=1e-3)
    assert np.allclose(_track([*stamps[:10], stamps[9], *stamps[11:]]), right, atol=1e-3)
    assert np.allclose(_track([*stamps[:30], stamps[30] + 0.03])[:15_000], right[:15_000], atol=1e-3)


def test_a_small_hole_that_stays_is_a_hole() -> None:
    stamps = [0.032 * number + (0.05 if number >= 10 else 0.0) for number in range(31)]
    kept = _track(stamps)
    hole = kept[round(0.325 * 16_000) : round(0.365 * 16_000)]
    assert np.abs(hole).max() < 0.01
    assert np.abs(kept[round(0.375 * 16_000) : round(0.9 * 16_000)]).max() > 0.45


def test_a_new_clock_is_a_jump_of_all_streams() -> None:
    mender = JumpMender("mpegts")
    for second in range(20):
        assert mender.offset_s(0, float(second), 1.0) == 0.0
        if second < 3 or second >= 18:
            assert mender.offset_s(1, float(second), 1.0) == 0.0
    assert mender.offset_s(0, 5000.0, 1.0) == pytest.approx(20 - 5000)
    assert mender.offset_s(1, 5000.0, 1.0) == pytest.approx(20 - 5000)
    assert mender.num_jumps == 1


def test_any_number_of_channels(tmp_path: Path) -> None:
    target = tmp_path / "channels.wav"
    run_ffmpeg("-f", "lavfi", "-i", f"aevalsrc='{'|'.join(['0.5*sin(900*t)'] * 18)}':s=48000:d=2", "-c:a", "pcm_s24le", target)
    seen = look(target, tmp_path / "spool")
    assert _level_db(seen.spool.audio(0.2, 1.8)) > -12
    assert np.abs(seen.spool.audio(0.0, 2.0)).max() <= 1.0


def test_channels_in_opposite_phase(tmp_path: Path) -> None:
    target = tmp_path / "phase.mp4"
    graph = f"{BEEP}[m];[m]pan=stereo|c0=c0|c1=-1*c0[a]"
    run_ffmpeg(*PICTURE, "-filter_complex", graph, "-map", "0:v", "-map", "[a]", *X264, *AAC, target)
    seen = look(target, tmp_path / "spool")
    assert _level_db(seen.spool.audio(1.05, 1.45)) == pytest.approx(-9, abs=1.5)
    assert any("cancel" in note for note in seen.info.notes)


def _ltc(num_s: int) -> np.ndarray:
    """SMPTE timecode at 25 frames a second from 10:00:00:00, 48 kHz."""

    def low_first(value: int, count: int) -> list[int]:
        return [(value >> place) & 1 for place in range(count)]

    bits: list[int] = []
    for number in range(25 * num_s):
        fields = (
            (number % 25 % 10, 4),
            (0, 4),
            (number % 25 // 10, 2),
            (0, 6),
            (number // 25 % 10, 4),
            (0, 4),
            (number // 250 % 6, 3),
            (0, 5),
        )
        fields += ((0, 4), (0, 4), (0, 3), (0, 5), (0, 4), (0, 4), (1, 2), (0, 6))
        bits += [bit for value, count in fields for bit in low_first(value, count)]
        bits += [0, 0, *[1] * 12, 0, 1]
    level, samples = 1, []
    for bit in bits:
        level = -level
        samples += [level] * 12
        level = -level if bit else level
        samples += [level] * 12
    return 0.5 * np.array(samples, np.float32)


def _write_wav(target: Path, samples: np.ndarray) -> Path:
    with wave.open(str(target), "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(48_000)
        out.writeframes((samples * 32767).astype("<i2").tobytes())
    return target


def test_a_channel_of_timecode_is_left_out(tmp_path: Path) -> None:
    clock, target = _write_wav(tmp_path / "ltc.wav", _ltc(4)), tmp_path / "ltc.mp4"
    graph = f"{BEEP}[m];[m][1:a]join=inputs=2:channel_layout=stereo:map=0.0-FL|1.0-FR[a]"
    run_ffmpeg(*PICTURE, "-i", clock, "-filter_complex", graph, "-map", "0:v", "-map", "[a]", *X264, *AAC, target)
    seen = look(target, tmp_path / "spool")
    assert _level_db(seen.spool.audio(1.05, 1.45)) == pytest.approx(-9, abs=1.5)
    assert _level_db(seen.spool.audio(2.0, 3.8)) < -50
    assert any("channel 2 holds timecode (LTC, from 10:00:00:00 on)" in note for note in seen.info.notes)


def test_a_track_of_timecode_is_never_heard(tmp_path: Path) -> None:
    clock, target = _write_wav(tmp_path / "ltc.wav", _ltc(4)), tmp_path / "ltc.mkv"
    run_ffmpeg(*PICTURE, "-i", clock, "-f", "lavfi", "-i", BEEP, "-map", "0", "-map", "1", "-map", "2", *X264, "-c:a", "flac", target)
    seen = look(target, tmp_path / "spool")
    assert seen.info.heard == (1,)
    assert any("track 1 holds timecode (LTC, from 10:00:00:00 on)" in note for note in seen.info.notes)


def test_the_label_of_timecode_is_that_of_the_first_sample() -> None:
    clock = _ltc(3)
    assert first_label(clock, 48_000) == "10:00:00:00"
    assert first_label(clock[48_000 * 2 :: 2], 24_000) == "10:00:02:00"
    assert first_label(clock[20 * 1920 + 960 - 100 :], 48_000) == "10:00:00:20", "in the middle of a frame it is that frame's"
    assert first_label(np.random.default_rng(1).normal(0, 0.2, 48_000).astype(np.float32), 48_000) == ""
    assert first_label(np.zeros(48_000, np.float32), 48_000) == ""


def test_only_timecode_is_timecode() -> None:
    times = np.arange(2 * 48_000) / 48_000
    random = np.random.default_rng(1)
    assert is_ltc(_ltc(2), 48_000)
    assert is_ltc(_ltc(2)[::2], 24_000)
    for other in (
        np.sign(np.sin(2 * np.pi * 2000 * times)),
        np.sin(2 * np.pi * 2400 * times),
        random.normal(0, 0.2, len(times)),
        0 * times,
    ):
        assert not is_ltc(other.astype(np.float32), 48_000)


def test_a_silent_default_track_gives_way(tmp_path: Path) -> None:
    target = tmp_path / "silent.mp4"
    silence = ("-f", "lavfi", "-i", "anullsrc=r=48000:cl=stereo:d=4")
    run_ffmpeg(*PICTURE, *silence, "-f", "lavfi", "-i", BEEP, "-map", "0", "-map", "1", "-map", "2", *X264, *AAC, "-t", "4", target)
    seen = look(target, tmp_path / "spool")
    assert _level_db(seen.spool.audio(1.05, 1.45)) > -12
    assert any("track 1 is silent, so track 2 is heard" in note for note in seen.info.notes)


@pytest.fixture(scope="module")
def two_languages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("languages") / "language.mkv"
    tags = ("-metadata:s:a:0", "language=eng", "-metadata:s:a:1", "language=ger", "-disposition:a:0", "default", "-disposition:a:1", "0")
    run_ffmpeg(
        *PICTURE, "-f", "lavfi", "-i", BEEP, "-f", "lavfi", "-i", TONE, "-map", "0", "-map", "1", "-map", "2", *X264, *AAC, *tags, target
    )
    return target


def test_the_language_asked_for_is_heard(two_languages: Path, tmp_path: Path) -> None:
    plain = probe(two_languages)
    assert plain.heard == (0,)
    german = heard_in(plain, ["de-AT"])
    assert german.heard == (1,)
    assert spoken_of(german, ["de-AT"]) == ("de-AT",)
    assert any("Not heard: sound track 1 (eng)" in note for note in german.notes)
    assert not any("track 2" in note for note in german.notes)
    spool_dir = tmp_path / "spool"
    survey_chunk(two_languages, plain, spool_dir, 0)
    assert Spool(spool_dir, german).missing() == [0], "a piece with the other track is none of this film"
    survey_chunk(two_languages, german, spool_dir, 0)
    assert _level_db(Spool(spool_dir, german).audio(3.0, 3.5)) > -30


def test_a_language_that_no_track_has(two_languages: Path) -> None:
    info = heard_in(probe(two_languages), ["fr"])
    assert info.heard == (0,)
    assert spoken_of(info, ["fr"]) == ("en",)
    assert any("No sound track is in the language asked for (fr)" in note for note in info.notes)
    assert MediaInfo.from_data(info.to_data()) == info


def test_tags_of_one_language() -> None:
    assert same_language("deu", "de")
    assert same_language("ger", "DE_at")
    assert same_language("zho", "zh-Hant")
    assert not same_language("", "de")
    assert not same_language("eng", "de")


def test_a_whole_file_on_which_the_library_crashes(tmp_path: Path) -> None:
    """A channel order of its own: the ffmpeg program reads it, so the file is taken in with its sound."""
    target = tmp_path / "order.mov"
    sound = "aevalsrc='0.4*sin(900*t)|0.4*sin(900*t)':s=48000:d=2:c=FC+FC"
    run_ffmpeg("-f", "lavfi", "-i", "testsrc2=s=160x120:r=25:d=2", "-f", "lavfi", "-i", sound, *X264, "-c:a", "pcm_s16le", target)
    info = probe(target)
    assert info.video is not None
    survey_chunk(target, info, tmp_path / "spool", 0)
    assert _level_db(Spool(tmp_path / "spool", info).audio(0.2, 1.8)) == pytest.approx(-11, abs=1)


def test_tracks_that_follow_each_other_are_told_of(tmp_path: Path) -> None:
    parts = []
    for number, start in enumerate(("0x100", "0x200")):
        part = tmp_path / f"{number}.ts"
        offset = ("-output_ts_offset", str(4 * number), "-mpegts_start_pid", start)
        run_ffmpeg(*PICTURE, "-f", "lavfi", "-i", TONE, *X264, *AAC, *offset, part)
        parts.append(part.read_bytes())
    joined = tmp_path / "pids.ts"
    joined.write_bytes(b"".join(parts))
    notes = " ".join(probe(joined).notes)
    assert "The picture goes on in another track" in notes
    assert "The sound goes on in another track" in notes
