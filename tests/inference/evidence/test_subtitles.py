"""Subtitles in and beside a film: read whatever their state, understood, and believed only where they fit what is heard."""

from __future__ import annotations

import subprocess
import time
from pathlib import Path

import pytest

from inference.evidence.hints import hints_text
from inference.evidence.joining.fitting import choose, passages, verdict_on
from inference.evidence.joining.reconcile import reconcile
from inference.evidence.kept import part_of
from inference.evidence.observed import Line, SpeechSpan, SubtitleLine, Word
from inference.evidence.subtitles.encodings import text_of
from inference.evidence.subtitles.files import belongs_to, beside, language_in_name, read_rows, seconds
from inference.evidence.subtitles.tongues import language_of, short_code
from inference.evidence.subtitles.tracks import Track, tracks_of
from inference.evidence.subtitles.wording import labels_in, parts_of
from inference.film import Film, Sidecar
from inference.media import ffmpeg_program, probe
from inference.writers.lite.merge import merge_evidence
from tests.inference.evidence.evidence_maker import TOOLS, StubSpool, film, line, look, plan_of, segment, subtitle
from tests.inference.media.clips import AAC, X264, make_clip

SRT = """1
00:00:00,500 --> 00:00:01,500
<i>Who is there?</i>

2
00:00:02,000 --> 00:00:04,000
[door slams] MAN: Nobody.
- Liar!
"""


def rows_of(text: str) -> list[tuple[float, float, str]]:
    return [(row.start_s, row.end_s, row.text) for row in read_rows(text)]


# Files ------------------------------------------------------------------------------------------------------------------


def test_subrip_in_a_bad_state_keeps_what_can_be_read():
    text = """

1
00:00:01,000 --> 00:00:02,000
A line

after a blank one

00:00:03.5 --> 00:00:03,1 X1:20 X2:40
No number, ends before it begins
3
00:xx:05,000 --> 00:00:06,000
No time

4
00:00:07,000 -->
2 + 2 = 4

5
00:00:06,000 --> 00:00:06,800
Too late"""
    assert rows_of(text) == [
        (1.0, 2.0, "A line\nafter a blank one"),
        (3.5, pytest.approx(5.67, abs=0.1), "No number, ends before it begins"),
        (6.0, 6.8, "Too late"),
        (7.0, 8.0, "2 + 2 = 4"),
    ]


def test_webvtt_with_notes_styles_settings_and_voices():
    text = (
        "WEBVTT - a title\n\nSTYLE\n::cue { color: red }\n\nNOTE 00:01 --> is no time\nnor this\n\nintro\n00:01.000 --> 00:02.500 line:0% "
        "align:start\n<v.loud Ann Lee>Hello <00:01.500><c>there</c></v>\n\n99:00:01.000 --> 99:00:02.000\nBeyond two days\n"
    )
    (row,) = read_rows(text)
    assert (row.start_s, row.end_s) == (1.0, 2.5)
    (part,) = parts_of(row.text)
    assert (part.text, part.label) == ("Hello there", "Ann Lee")


def test_ass_without_drawings_and_doubles():
    text = (
        "[Script Info]\nTitle: x\n[Events]\nFormat: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text\n"
        "Dialogue: 0,0:00:01.00,0:00:02.00,Default,Eep,0,0,0,,{\\i1}Wait{\\i0}, Grug!\\NPlease.\n"
        "Dialogue: 1,0:00:01.00,0:00:02.00,Default,Eep,0,0,0,,{\\blur2}Wait, Grug!\\NPlease.\n"
        "Dialogue: 0,0:00:03.00,0:00:04.00,Default,,0,0,0,,{\\p1}m 0 0 l 100 0{\\p0}\n"
        "Dialogue: 0,0:00:05.00,0:00:06.00,Signs,,0,0,0,,{\\pos(1,2)}BAKERY\nDialogue: broken\nComment: 0,0:00:07.00,,,,,,,,no\n"
    )
    said, sign = read_rows(text)
    assert (said.text, said.speaker, said.is_sign) == ("Wait, Grug!\nPlease.", "Eep", False)
    assert (sign.text, sign.is_sign) == ("BAKERY", True)


@pytest.mark.parametrize(
    ("encoding", "text", "language"),
    [
        ("utf-8", "Où êtes-vous ?", ""), ("utf-8-sig", "Où êtes-vous ?", ""), ("utf-16", "Où êtes-vous ?", ""),
        ("utf-16-le", "Où êtes-vous ?", ""), ("utf-16-be", "Où êtes-vous ?", ""), ("utf-32", "Où êtes-vous ?", ""),
        ("cp1252", "Où êtes-vous… “là” ?", ""), ("cp1251", "Где ты?", "ru"), ("cp1250", "Kde jsi, příteli?", "cs"),
        ("gb18030", "你在哪里？", "zh"), ("cp932", "どこにいるの？", "ja"), ("cp949", "어디 있어?", "ko-KR"),
    ],
)  # fmt: skip
def test_every_encoding(encoding: str, text: str, language: str):
    data = f"1\r\n00:00:01,000 --> 00:00:02,000\r\n{text}\r\n".encode(encoding)
    assert rows_of(text_of(data, language)) == [(1.0, 2.0, text)]


def test_bytes_that_are_no_text_give_no_rows():
    for data in (b"\x00" * 5000, bytes(range(256)) * 40, b"\xff\xfe", b"RIFF\x00\x00\x00\x00WAVE"):
        assert read_rows(text_of(data)) == []
    nul = "1\n00:00:01,000 --> 00:00:02,000\nA\x00 \u202eword\x1b[31m\n"
    assert parts_of(rows_of(text_of(nul.encode()))[0][2])[0].text == "A word[31m"


@pytest.mark.parametrize("label", ["1:2:3:4", "-1:00", "1e5", "१:00", "", ":", "0000001:00", "nan", "00:00:0x"])
def test_what_is_no_time(label: str):
    assert seconds(label) is None


@pytest.mark.parametrize(
    "unit",
    ["-->", "\n", "00:00:01,000 --> 00:00:02,000\n", "[", "((", "<", "<i", "{\\", "&", "- \n- ", "A:", "♪[", "a" * 70 + "\n"],
    ids=repr,
)  # fmt: skip
def test_hostile_text_is_read_in_linear_time(unit: str):
    """A megabyte of whatever could make a scanner look back."""
    text = "1\n00:00:01,000 --> 00:00:02,000\n" + unit * (1_000_000 // len(unit))
    begun_s = time.process_time()
    rows = read_rows(text)
    known = labels_in(row.text for row in rows)
    for row in rows[:2000]:
        parts_of(row.text, "", known)
    assert time.process_time() - begun_s < 5.0
    assert len(rows) <= 20_000 and all(len(row.text) <= 2000 for row in rows)


def test_names_beside_a_film(tmp_path: Path):
    for name in (
        "film.mp4",
        "film.srt",
        "film.EN.srt",
        "film.pt-BR.forced.vtt",
        "film2.srt",
        "film.extras.srt",
        "other.srt",
        "film.txt",
        "film.ass",
    ):
        (tmp_path / name).write_text("x")
    (tmp_path / "film.de.srt").touch()
    (tmp_path / "film.fr.srt").symlink_to(tmp_path / "other.srt")
    assert [path.name for path in beside(tmp_path / "film.mp4")] == ["film.EN.srt", "film.ass", "film.pt-BR.forced.vtt", "film.srt"]
    assert [language_in_name(name) for name in ("film.EN.srt", "film.pt-BR.forced.vtt", "film.srt", "a.b.en.sdh.srt")] == [
        "en",
        "pt-br",
        "",
        "en",
    ]
    assert belongs_to("Film.2020.1080p.en.srt", "film.2020.1080p.mkv") and not belongs_to("film.2020.srt", "film.mkv")


# Words ------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("Remember: be kind.", [("speech", "Remember: be kind.", "")]),
        ("It is 10:30 (I think).", [("speech", "It is 10:30 (I think).", "")]),
        ("MAN: Stop!", [("speech", "Stop!", "Man")]),
        ("DR. O'NEIL (on phone): Yes?", [("speech", "Yes?", "Dr. O'neil")]),
        ("[door slams]", [("sound", "door slams", "")]),
        ("(LAUGHTER)", [("sound", "LAUGHTER", "")]),
        ("[DOOR SLAMS] MAN: Stop!", [("sound", "door slams", ""), ("speech", "Stop!", "Man")]),
        ("[Ann] No.", [("speech", "No.", "Ann")]),
        ("- Who?\n- Me.", [("speech", "Who?", ""), ("speech", "Me.", "")]),
        ("-Who\nare you?\n-WOMAN: Me.", [("speech", "Who are you?", ""), ("speech", "Me.", "Woman")]),
        ("MAN: One.\nWOMAN: Two.", [("speech", "One.", "Man"), ("speech", "Two.", "Woman")]),
        ("♪ La la la ♪", [("song", "La la la", "")]),
        ("♪♪", [("sound", "music", "")]),
        ("♪ [gentle music]", [("sound", "gentle music", "")]),
        ("<b>Tom &amp; <i>Ann</i></b> {\\an8}a < b", [("speech", "Tom & Ann a < b", "")]),
        ("Say {this}.", [("speech", "Say {this}.", "")]),
        ("— Oui.", [("speech", "Oui.", "")]),
        ("...", []),
    ],
)  # fmt: skip
def test_what_a_row_says(text: str, parts: list[tuple[str, str, str]]):
    assert [(part.kind, part.text, part.label) for part in parts_of(text)] == parts


def test_small_labels_count_where_they_come_back():
    rows = ["Ann: Hello.", "Tom: Hi.", "Ann: Come.", "Listen: no.", "Ann: Now."]
    known = labels_in(rows)
    assert [part.label for row in rows for part in parts_of(row, "", known)] == ["Ann", "", "Ann", "", "Ann"]


def test_language_by_tag_and_text():
    assert [short_code(tag) for tag in ("eng", "en-GB", "ger", "und", "", "zho")] == ["en", "en", "de", "", "", "zh"]
    german = ["Ich weiß nicht, was du von mir willst.", "Das ist nicht wahr, und du weißt es.", "Wir sind da, wenn du es willst."]
    english = ["I don't know what you want of me.", "That is not true and you know it.", "We have been here for you all the time."]
    assert (language_of(german), language_of(english), language_of(["Я не знаю"]), language_of(["Ok."])) == ("de", "en", "ru", "")


# Inside a film ------------------------------------------------------------------------------------------------------------


def with_track(clip: Path, folder: Path, name: str, codec: str, *options: str) -> Path:
    (folder / "in.srt").write_text(SRT, encoding="utf-8")
    made = folder / name
    maps = ["-map", "0", "-map", "1", "-c", "copy", "-c:s", codec, "-metadata:s:s:0", "language=ger"]
    sources = ["-i", str(clip), *options, "-i", str(folder / "in.srt")]
    subprocess.run([ffmpeg_program(), "-v", "error", "-y", *sources, *maps, str(made)], check=True)
    return made


def opened(path: Path, *sidecars: Path) -> Film:
    return Film(path, probe(path), StubSpool(1.0), path.parent, sidecars=tuple(Sidecar(each, each.name) for each in sidecars))  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_clip(tmp_path_factory.mktemp("clip") / "plain.mp4", *X264, *AAC)


@pytest.mark.parametrize(("name", "codec"), [("a.mp4", "mov_text"), ("a.mkv", "srt"), ("b.mkv", "ass"), ("c.mkv", "webvtt")])
def test_a_track_inside_is_read_with_its_language(clip: Path, tmp_path: Path, name: str, codec: str):
    tracks, notes = tracks_of(opened(with_track(clip, tmp_path, name, codec)), "")
    (track,) = tracks
    assert (track.name, track.language, track.is_forced, notes) == ("subtitle track 1", "de", False, [])
    assert [(each.kind, each.text, each.label) for each in track.lines] == [
        ("speech", "Who is there?", ""),
        ("speech", "Nobody.", "Man"),
        ("sound", "door slams", ""),
        ("speech", "Liar!", ""),
    ]
    first, nobody, slam, liar = track.lines
    assert (first.start_s, first.end_s) == pytest.approx((0.5, 1.5), abs=0.05)
    assert (slam.start_s, slam.end_s) == pytest.approx((2.0, 4.0), abs=0.05)
    assert nobody.start_s == pytest.approx(2.0, abs=0.05) and nobody.end_s == liar.start_s and liar.end_s == pytest.approx(4.0, abs=0.05)


def test_times_inside_count_from_the_first_picture(clip: Path, tmp_path: Path):
    made = with_track(clip, tmp_path, "late.mkv", "srt")
    late = tmp_path / "later.mkv"
    command = [ffmpeg_program(), "-v", "error", "-y", "-i", str(made), "-map", "0", "-c", "copy", "-output_ts_offset", "7", str(late)]
    subprocess.run(command, check=True)
    (track,), _ = tracks_of(opened(late), "")
    assert track.lines[0].start_s == pytest.approx(0.5, abs=0.05)


def test_files_that_hold_nothing_are_named(clip: Path, tmp_path: Path):
    (tmp_path / "film.srt").write_bytes(b"\x00\x01no subtitles")
    (tmp_path / "film.en.vtt").write_text("WEBVTT\n\n00:01.000 --> 00:02.000\nHello.\n")
    tracks, notes = tracks_of(opened(clip, tmp_path / "film.srt", tmp_path / "gone.srt", tmp_path / "film.en.vtt"), "")
    assert [(track.name, track.language) for track in tracks] == [("film.en.vtt", "en")]
    assert notes == ["No subtitles could be read from film.srt.", "No subtitles could be read from gone.srt."]


# Fit ----------------------------------------------------------------------------------------------------------------------

SAID = (
    "The harbour was empty when we came back from the island.",
    "Nobody had told us about the storm that week.",
    "You should have asked the keeper before you left.",
    "He never answers when somebody knocks at his door.",
    "Then we will wait here until the morning train arrives.",
    "My brother sold that boat eleven years ago.",
    "I remember the colour of the sails very well.",
    "They were red and torn along the lower edge.",
)
OTHER = (
    "Please put the blue folder onto the second shelf.",
    "Our meeting begins in a quarter of an hour.",
    "The printer wants new paper again today.",
    "Could you call the supplier about those invoices?",
    "I would rather write a letter to their office.",
    "Lunch is at one, as always on Fridays.",
    "The lift stops only at every other floor now.",
    "Thank goodness for the stairs and strong shoes.",
)


def heard(start_s: float, text: str, end_s: float | None = None) -> Line:
    words = text.split()
    step_s = ((end_s or start_s + 3.0) - start_s) / len(words)
    timed = [
        Word(start_s=start_s + i * step_s, end_s=start_s + (i + 1) * step_s, text=word, probability=0.8) for i, word in enumerate(words)
    ]
    return Line(start_s=start_s, end_s=timed[-1].end_s, text=text, language="en", words=timed, confidence=0.8)


def written(texts: tuple[str, ...], late_s: float = 0.0, from_s: float = 0.0, name: str = "film.srt", **more: object) -> Track:
    starts = [10.0 * i + (late_s if 10.0 * i >= from_s else 0.0) for i in range(len(texts))]
    lines = [
        SubtitleLine(start_s=max(0.0, start_s), end_s=start_s + 3.4, text=text, origin=name)
        for start_s, text in zip(starts, texts, strict=True)
    ]
    return Track(name, lines, "en", **more)


HEARD = [[heard(10.0 * i, text.replace("the", "a").lower())] for i, text in enumerate(SAID)]
"""What a recogniser makes of it: a word wrong here and there."""


def test_subtitles_that_fit_are_taken():
    assert verdict_on(written(SAID), HEARD, "en", has_sound=True).fits
    lines, notes = choose([written(SAID)], HEARD, "en", has_sound=True)
    assert [each.text for each in lines] == list(SAID) and notes == ["Subtitles of film.srt used for the dialogue."]


def test_a_delay_that_all_share_is_taken_out():
    lines, notes = choose([written(SAID, late_s=0.9)], HEARD, "en", has_sound=True)
    assert [each.start_s for each in lines] == pytest.approx([10.0 * i for i in range(8)], abs=0.25)
    assert "s earlier" in notes[0]


@pytest.mark.parametrize(
    ("track", "why"),
    [
        (written(OTHER), "another film"),
        (written(SAID, late_s=10.0), "s later than they are heard: it belongs to another cut"),
        (written(SAID, late_s=-4.0), "earlier than they are heard: it belongs to another cut"),
        (written(SAID, late_s=20.0, from_s=50.0), "another cut"),
        (written((*SAID[:4], *OTHER[4:])), "in 4 of 8 places only"),
        (Track("film.de.srt", written(OTHER).lines, "de"), "it is in another language (de) than is spoken (en)"),
    ],
    ids=["another film", "shifted", "early", "cut in the middle", "half", "translation"],
)
def test_subtitles_that_do_not_fit_are_left_out_with_a_note(track: Track, why: str):
    lines, (note,) = choose([track], HEARD, "en", has_sound=True)
    assert lines == [] and "left out" in note and why in note


def test_nobody_heard_means_nobody_believed_unless_there_is_no_sound():
    assert choose([written(SAID)], [], "", has_sound=True)[0] == []
    assert len(choose([written(SAID)], [], "", has_sound=False)[0]) == 8


def test_the_best_of_several_tracks_and_the_signs_of_a_forced_one():
    signs = Track("film.forced.srt", [SubtitleLine(start_s=5, end_s=6, text="BAKERY", kind="sign")], "en", True)
    told = written(SAID, name="film.sdh.srt")
    told.lines[0] = told.lines[0].model_copy(update={"label": "Ann"})
    lines, notes = choose([written(OTHER, name="film.fr.srt"), written(SAID), told, signs], HEARD, "en", has_sound=True)
    assert {each.origin for each in lines if each.kind == "speech"} == {"film.sdh.srt"} and "BAKERY" in [each.text for each in lines]
    assert len(notes) == 4 and notes[0].startswith("Subtitles of film.sdh.srt used")


def test_passages_are_spread_over_the_film():
    voices = [SpeechSpan(start_s=30.0 * i, end_s=30.0 * i + 5, kind="speech") for i in range(60)]
    chosen = passages(voices, 1800.0)
    assert len(chosen) == 15 and all(0 < end_s - start_s <= 12 for start_s, end_s in chosen)
    assert chosen[0][0] < 120 and chosen[-1][0] >= 1680 and passages([], 100.0) == []


# Together with what is heard ---------------------------------------------------------------------------------------------


def filed(start_s: float, end_s: float, text: str, kind: str = "speech", label: str = "") -> SubtitleLine:
    return SubtitleLine(start_s=start_s, end_s=end_s, text=text, kind=kind, label=label, language="en", origin="film.srt")


def joined(lines=(), texts=(), speech=(), files=()):
    return reconcile(list(lines), list(texts), list(speech), "en", has_sound=True, filed=list(files))


def test_words_of_the_file_at_the_times_of_speech():
    (said,), left = joined([heard(10.2, "The crowds live in a cave.", 12.0)], files=[filed(9.7, 13.5, "The Croods live in a cave.")])
    assert (said.text, said.start_s, said.end_s) == ("The Croods live in a cave.", 10.2, pytest.approx(12.0))
    assert (said.source, said.origin, left) == ("both", "film.srt", [])


def test_remember_stays_a_word():
    (said,), _ = joined([line(1, 3, "Remember be kind")], files=[filed(1, 3, "Remember: be kind.")])
    assert (said.text, said.label) == ("Remember: be kind.", "")


def test_two_speakers_in_one_row_share_what_was_heard():
    said, _ = joined(
        [heard(5.0, "where is he gone home", 8.0)], files=[filed(4.8, 6.4, "Where is he?", label="Ann"), filed(6.4, 8.2, "Gone home.")]
    )
    assert [(u.text, u.label) for u in said] == [("Where is he?", "Ann"), ("Gone home.", "")]
    assert said[0].end_s <= said[1].start_s + 0.01 and said[0].start_s == 5.0


def test_a_line_nobody_recognised_stands_at_the_voice_or_at_its_own_times():
    speech = [SpeechSpan(start_s=20.4, end_s=21.6, kind="speech")]
    (voiced, unvoiced), left = joined(speech=speech, files=[filed(20, 22, "Psst."), filed(40, 41, "(whispered) Come.")])
    assert (voiced.start_s, voiced.end_s) == (20.4, 21.6) and (unvoiced.start_s, unvoiced.end_s) == (40, 41)
    assert voiced.confidence > unvoiced.confidence and left == []


def test_what_is_burnt_in_as_well_is_not_said_twice():
    said, left = joined([line(1, 3, "We must go")], [subtitle(0.8, 3.4, "We must go now.")], files=[filed(0.9, 3.2, "We must go now.")])
    assert [u.text for u in said] == ["We must go now."] and left == []


def test_what_is_heard_beside_the_file_stays_unless_it_repeats_it():
    lines = [line(1, 3, "We must go now."), line(3.1, 4.0, "Go now."), line(20, 22, "Somebody else entirely.")]
    said, _ = joined(lines, files=[filed(0.9, 3.0, "We must go now.")])
    assert [(u.text, u.source) for u in said] == [("We must go now.", "both"), ("Somebody else entirely.", "speech")]


def test_signs_are_on_screen_text_or_a_translation():
    (said,), (sign,) = joined([line(1, 3, "Wo bist du?")], files=[filed(1, 3, "Where are you?", "sign"), filed(8, 9, "BAKERY", "sign")])
    assert (said.text, said.translation, sign.text, sign.role) == ("Wo bist du?", "Where are you?", "BAKERY", "sign")


def test_cues_speakers_songs_and_provenance_reach_the_script(tmp_path: Path):
    made = segment(30.0, [line(1, 3, "who goes dear"), line(5, 7, "nobody at all", 1)], looks=[look(0, 30)])
    files = [
        filed(1, 3, "Who goes there?", label="Guard"), filed(4, 4.6, "door slams", "sound"), filed(5, 7, "Nobody at all.", label="Ann"),
        filed(12, 15, "Over the hills", "song"),
    ]  # fmt: skip
    script = merge_evidence(film(tmp_path, 30.0), plan_of(made), [made.model_copy(update={"subtitles": files})], "1", TOOLS)
    names = {character.id: character.name for character in script.characters}
    said = [(names[e.character_id], e.dialogue) for e in script.events() if e.dialogue]
    assert said[:2] == [("Guard", "Who goes there?"), ("Ann", "Nobody at all.")] and said[2][1] == "Over the hills"
    (cue,) = [e for e in script.events() if e.audio_cue]
    assert (cue.start_s, cue.audio_cue, cue.provenance["audio_cue"].evidence) == (4.0, "door slams", "named by film.srt")
    first = next(e for e in script.events() if e.dialogue)
    assert first.provenance["dialogue"].evidence == "heard, worded after film.srt"


def test_a_cut_sentence_of_the_file_is_one_line(tmp_path: Path):
    made = segment(10.0, [heard(1, "we should go home before it gets dark", 5.0)], looks=[look(0, 10)])
    files = [filed(0.9, 3.0, "We should go home"), filed(3.0, 5.4, "before it gets dark.")]
    script = merge_evidence(film(tmp_path, 10.0), plan_of(made), [made.model_copy(update={"subtitles": files})], "1", TOOLS)
    assert [e.dialogue for e in script.events() if e.dialogue] == ["We should go home before it gets dark."]


def test_hints_and_parts_of_a_stretch_hold_them():
    made = segment(30.0, [line(1, 3, "who goes dear"), line(20, 22, "nobody")])
    made = made.model_copy(
        update={"subtitles": [filed(1, 3, "Who goes there?"), filed(4, 5, "door slams", "sound"), filed(20, 22, "Nobody.")]}
    )
    told = hints_text(part_of(made, 0.0, 10.0), "en", has_sound=True)
    assert "Who goes there?" in told and "to the letter" in told and "door slams" in told and "Nobody" not in told
    assert "to the letter" not in hints_text(segment(30.0, [line(1, 3, "who goes dear")]), "en", has_sound=True)
