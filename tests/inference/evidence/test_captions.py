"""Closed captions: hidden in the pictures or in a track of their own, in every way that they are shown, whatever bytes there are."""

from __future__ import annotations

import random
import time
from pathlib import Path

import pytest

from inference.evidence.subtitles.tracks import tracks_of
from inference.film import Film
from inference.media.captions import CaptionRow, caption_rows, worth_keeping
from tests.inference.media.clips import Seen, look, run_ffmpeg

RCL, RU2, RDC, CR, EDM, ENM, EOC, BS, TR = (
    b"\x14\x20", b"\x14\x25", b"\x14\x29", b"\x14\x2d", b"\x14\x2c", b"\x14\x2e", b"\x14\x2f", b"\x14\x21", b"\x14\x2a",
)  # fmt: skip
ROW_14, ROW_15 = b"\x14\x50", b"\x14\x70"
RATE_HZ = 25


def odd(byte: int) -> int:
    return byte if byte.bit_count() % 2 else byte | 0x80


def triplets(data: bytes, *, field: int = 0) -> list[bytes]:
    """Pairs as a picture carries them; commands are sent twice."""
    data += b"\x00" * (len(data) % 2)
    made = []
    for one, two in zip(data[::2], data[1::2], strict=True):
        made += [bytes((0xFC | field, odd(one), odd(two)))] * (2 if 0x10 <= one < 0x20 else 1)
    return made


def text(words: str) -> bytes:
    """Words, an even number of bytes, so that a command may follow."""
    return words.encode() + b"\x00" * (len(words) % 2)


def shown(*blocks: tuple[float, bytes], field: int = 0) -> dict[str, list[CaptionRow]]:
    return caption_rows((time_s, b"".join(triplets(data, field=field))) for time_s, data in blocks)


POP_ON = (
    (0.2, RCL + ENM + ROW_14 + text("Who is there,") + ROW_15 + text("at this hour?")), (0.6, EDM + EOC),
    (1.0, RCL + ENM + ROW_15 + text("Nobody.")), (1.8, EOC), (2.6, EDM),
)  # fmt: skip
SAID = [CaptionRow(0.6, 1.8, "Who is there,\nat this hour?"), CaptionRow(1.8, 2.6, "Nobody.")]


def test_pop_on_is_there_from_when_it_is_shown():
    assert shown(*POP_ON) == {"CC1": SAID}


def test_the_second_field_has_services_of_its_own():
    assert shown(*POP_ON, field=1) == {"CC3": SAID}
    second = [
        (time_s, bytes(byte | 0x08 if 0x10 <= byte < 0x20 and i % 2 == 0 else byte for i, byte in enumerate(data)))
        for time_s, data in POP_ON
    ]
    assert shown(*second) == {"CC2": SAID}


def test_roll_up_gives_each_line_when_it_is_written():
    rows = shown((0.0, RU2 + CR + ROW_15 + text("The first line")), (2.0, CR + text("and the next")), (4.0, CR + text("open end")))
    assert rows == {"CC1": [CaptionRow(0.0, 2.0, "The first line"), CaptionRow(2.0, 4.0, "and the next"), CaptionRow(4.0, 0.0, "open end")]}


def test_paint_on_stands_from_its_first_letter():
    assert shown((1.0, RDC + ROW_15 + text("Painted")), (2.0, EDM)) == {"CC1": [CaptionRow(1.0, 2.0, "Painted")]}


def test_letters_of_the_languages_that_have_them():
    said = b"\x11\x37" + text(" na\x5cve su") + b"\x12\x25" + text(" E") + b"\x12\x21" + text("O") + b"\x13\x32"
    (row,) = shown((0.0, RDC + ROW_15 + said), (1.0, EDM))["CC1"]
    assert row.text == "♪ naéve sü ÉÖ"
    (row,) = shown((0.0, RDC + ROW_15 + text("Helo") + BS + text("lo")), (1.0, EDM))["CC1"]
    assert row.text == "Hello"


def test_what_is_no_caption_is_none():
    assert shown((0.0, text("nobody said how this is shown")), (1.0, EDM)) == {}
    assert shown((0.0, RCL + TR + text("the weather")), (1.0, EDM + EOC)) == {}
    assert shown((0.0, RDC + ROW_15 + text("Said")), (0.5, b"\x01\x05" + text("Programme name")), (1.0, EDM))["CC1"][0].text == "Said"
    assert caption_rows([(0.0, b"\xf8\x94\x20" * 9), (1.0, b"\xfc\x14\x20\xfc"), (2.0, b"")]) == {}, "not valid, no parity, cut off"


def test_what_is_worth_keeping():
    block = b"\xfc\x80\x80" + b"\xfd\x80\x80" + b"\xfc\x94\x20" + b"\xf8\x94\x20" + b"\xfa\x00\x00"
    assert worth_keeping(block) == (b"\xfc\x94\x20", False)
    assert worth_keeping(b"\xff\x02\x21") == (b"", True)


@pytest.mark.parametrize("seed", range(4))
def test_any_bytes_are_read_in_linear_time_into_bounded_rows(seed):
    chance = random.Random(seed)
    blocks = []
    for number in range(5_000):
        kinds = (chance.choice((0xFC, 0xFD, chance.randrange(256))) for _ in range(20))
        block = b"".join(bytes((kind, odd(chance.randrange(128)), odd(chance.randrange(128)))) for kind in kinds)
        blocks.append((number / 30, block))
    began_s = time.process_time()
    services = caption_rows(blocks)
    assert time.process_time() - began_s < 3.0
    assert all(len(row.text) <= 15 * 33 for rows in services.values() for row in rows)


# In files ------------------------------------------------------------------------------------------------------------------


def mpeg2_with_captions(folder: Path) -> Path:
    """Four seconds of MPEG-2 with the captions in the user data of each picture, as broadcasters send them (ATSC A/53)."""
    plain, made = folder / "plain.m2v", folder / "captions.m2v"
    run_ffmpeg("-f", "lavfi", "-i", f"testsrc2=d=4:s=160x120:r={RATE_HZ}", "-c:v", "mpeg2video", "-bf", "0", plain)
    queue: list[bytes] = []
    blocks = [(round(time_s * RATE_HZ), triplets(data)) for time_s, data in POP_ON]
    stream, number = [], -1
    for piece in plain.read_bytes().split(b"\x00\x00\x01"):
        if piece[:1] == b"\x00":
            number += 1
        if piece[:1] == b"\x01":  # before the first slice
            queue += [each for at, pairs in blocks if at == number for each in pairs]
            sent = [*queue[:20], b"\xfa\x00\x00"][:20]
            del queue[:20]
            stream.append(b"\xb2GA94\x03" + bytes((0x40 | len(sent), 0xFF)) + b"".join(sent) + b"\xff")
        stream.append(piece)
    made.write_bytes(b"\x00\x00\x01".join(stream))
    return made


@pytest.fixture(scope="module")
def broadcast(tmp_path_factory) -> Path:
    return mpeg2_with_captions(tmp_path_factory.mktemp("captions"))


def tracks(seen: Seen, path: Path) -> list[tuple[str, list[tuple[float, str]]]]:
    read, notes = tracks_of(Film(path, seen.info, seen.spool, path.parent), "")
    assert notes == []
    return [(track.name, [(line.start_s, line.text) for line in track.lines]) for track in read]


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("a.ts", ("-c:v", "libx264", "-bf", "0", "-a53cc", "1")),
        ("a.mpg", ("-c:v", "copy")),
        ("a.mp4", ("-c:v", "libx264", "-bf", "2", "-g", "30", "-a53cc", "1")),
    ],
)
def test_captions_in_the_pictures(broadcast, tmp_path, name, options):
    path = tmp_path / name
    run_ffmpeg("-framerate", str(RATE_HZ), "-f", "mpegvideo", "-i", broadcast, *options, path)
    ((track, lines),) = tracks(look(path, tmp_path / "spool"), path)
    assert track == "closed captions CC1"
    assert [words for _, words in lines] == ["Who is there, at this hour?", "Nobody."]
    assert [start_s for start_s, _ in lines] == pytest.approx([0.6, 1.8], abs=0.1)


def test_captions_in_a_track_of_their_own(tmp_path):
    path = tmp_path / "c608.mov"
    lines = ["Scenarist_SCC V1.0", ""]
    for time_s, data in POP_ON:
        pairs = " ".join(f"{one:02x}{two:02x}" for _, one, two in triplets(data))
        lines += [f"00:00:{int(time_s):02d}:{round(time_s % 1 * 30):02d}\t{pairs}", ""]
    (tmp_path / "in.scc").write_text("\n".join(lines))
    run_ffmpeg(
        "-f", "lavfi", "-i", "testsrc2=d=4:s=160x120:r=30", "-i", tmp_path / "in.scc", "-map", "0", "-map", "1", "-c:s", "copy", path
    )
    ((track, said),) = tracks(look(path, tmp_path / "spool"), path)
    assert (track, [words for _, words in said]) == ("subtitle track 1", ["Who is there, at this hour?", "Nobody."])
    assert [start_s for start_s, _ in said] == pytest.approx([0.6, 1.8], abs=0.1)


def test_captions_of_the_newer_kind_alone_are_told(broadcast, tmp_path):
    newer = tmp_path / "newer.m2v"
    newer.write_bytes(broadcast.read_bytes().replace(b"\xfa\x00\x00", b"\xfe\x21\x21").replace(b"\xfc", b"\xf8"))
    seen = look(newer, tmp_path / "spool")
    read, notes = tracks_of(Film(newer, seen.info, seen.spool, tmp_path), "")
    assert (read, notes) == ([], ["The pictures hold closed captions of the newer kind (CEA-708) only, which are not read."])
