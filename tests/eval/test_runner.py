"""The runner, data sets and reports: a folder of small films, two systems, resumed after a failure."""

import subprocess

import imageio_ffmpeg
import pytest

from eval.bootstrap import difference, interval
from eval.dataset import Sample, build, clip, find, split_of, statistics
from eval.errors import DatasetError
from eval.report.html import write_report
from eval.report.tables import SystemRow, alignment, per_field, table
from eval.runner import Protocol, join, run, score, total
from eval.score import Judges
from omniscript_mam.script import Character, Event, Meta, Scene, Script, dumps, validate

FFMPEG = imageio_ffmpeg.get_ffmpeg_exe()
pytestmark = pytest.mark.bare


def a_script(shift_s=0.0, seconds=12.0, last="Good night."):
    lines = ["Where were you?", "At the harbour.", "I don't believe you.", last]
    events = [
        Event(
            id=f"e{i}",
            start_s=3 * i + shift_s,
            end_s=3 * i + 2 + shift_s,
            character_id=f"char_{i % 2}",
            dialogue=line,
            action="turns away" if i == 2 else "",
        )
        for i, line in enumerate(lines)
    ]
    return Script(
        meta=Meta(duration_s=seconds),
        characters=[Character(id="char_0", name="Anna", named=True), Character(id="char_1", name="Tom", named=True)],
        scenes=[Scene(id="s0", start_s=0, end_s=seconds, location="Kitchen", time="Night", events=events)],
    )


def a_film(path, seconds=12):
    source = ["-f", "lavfi", "-i", f"testsrc2=s=160x120:d={seconds}:r=10", "-f", "lavfi", "-i", f"sine=440:d={seconds}"]
    subprocess.run([FFMPEG, "-v", "error", *source, "-c:v", "libx264", "-preset", "ultrafast", "-c:a", "aac", str(path)], check=True)
    return path


@pytest.fixture
def folder(tmp_path):
    for name in ("one", "two"):
        a_film(tmp_path / f"{name}.mp4")
        (tmp_path / f"{name}.gt.json").write_text(dumps(a_script()))
    return tmp_path


def test_a_run_goes_on_after_a_failure_and_writes_nothing_twice(folder):
    written = []

    def write(path):
        written.append(path.name)
        if path.name == "two.mp4" and len(written) < 3:
            raise RuntimeError("out of memory")
        return a_script(0.2)

    samples = find(folder)
    assert run(samples, write, folder / "out") == {"two": "RuntimeError: out of memory"}
    missed = score(samples, folder / "out/scripts", Judges.lexical())
    assert missed[1].score.events.time.num_missed == 4, "a film without a script is scored as empty"
    assert run(samples, write, folder / "out") == {}
    assert written.count("one.mp4") == 1
    result = total(score(samples, folder / "out/scripts", Judges.lexical()))
    assert result.events.overall == 1
    assert 0 < result.events.time.tiou(0.9) < 1 or result.events.time.tiou(0.5) == 1


def test_the_segmented_protocol_shows_pieces_and_joins_their_scripts(folder):
    lengths = []

    def write(path):
        probe = subprocess.run([FFMPEG, "-i", str(path)], capture_output=True, text=True).stderr
        lengths.append("Audio:" in probe)
        return a_script(0, 4.0, "Bye.").model_copy(
            update={"scenes": [Scene(id="s", start_s=0, end_s=4, events=a_script().scenes[0].events[:1])], "meta": Meta(duration_s=4)}
        )

    samples = find(folder)[:1]
    run(samples, write, folder / "cut", Protocol(segment_s=4.0, with_audio=False, mask_subtitles=True))
    assert lengths == [False, False, False]
    joined = score(samples, folder / "cut/scripts", Judges.lexical())[0].estimate
    assert [event.start_s for event in joined.events] == [0, 4, 8]


def test_joined_pieces_are_a_valid_script_with_one_profile_a_name():
    joined = join([(0.0, a_script()), (12.0, a_script())])
    validate(joined)
    assert [character.name for character in joined.characters] == ["Anna", "Tom"]
    assert joined.meta.duration_s == 24


def test_clips_share_nothing_and_lose_nothing():
    whole = a_script()
    first, second = clip(whole, 0, 7), clip(whole, 7, 12)
    validate(first)
    validate(second)
    assert [e.id for e in (*first.events(), *second.events())] == [e.id for e in whole.events()]
    assert second.events()[0].start_s == 2


def test_a_data_set_is_built_and_counted(tmp_path):
    samples = list(build(a_film(tmp_path / "long.mp4"), a_script(), 0.1, tmp_path / "set"))
    assert [sample.name for sample in find(tmp_path / "set")] == [sample.name for sample in samples] == ["long_00000", "long_00006"]
    counted = statistics(samples)
    assert (counted.num_clips, counted.events[0]) == (2, 2)
    assert split_of(290) == 5 and split_of(1100) == 20


def test_a_folder_without_references_says_so(tmp_path):
    with pytest.raises(DatasetError, match="holds no"):
        find(tmp_path)
    (tmp_path / "lost.gt.json").write_text("{}")
    with pytest.raises(DatasetError, match="0 media files"):
        find(tmp_path)


@pytest.fixture
def scored(folder):
    samples = find(folder)
    for name, last in (("good", "Good night."), ("bad", "<script>alert(1)</script>")):
        (folder / name).mkdir()
        for sample in samples:
            (folder / name / f"{sample.name}.json").write_text(dumps(a_script(0.1, 13, last)))
    return {name: score(samples, folder / name, Judges.lexical()) for name in ("good", "bad")}


def test_tables_keep_the_papers_rows_apart_from_ours(scored):
    text = table(1, [SystemRow("lite", total(scored["good"]), 2)])
    paper, ours = text.split("─" * 20)[0], text.rpartition("─")[2]
    assert "OmniScript" in paper and "37.7" in paper
    assert "lite (2 films)" in ours and "judge: lexical" in ours and "OmniScript" not in ours
    one = scored["bad"][0]
    assert "missed" in per_field(one.score)
    assert "= ref" in alignment(one.score, one.reference.events, one.estimate.events)


def test_the_report_is_plain_files_and_escapes_what_strangers_wrote(scored, tmp_path):
    index = write_report(scored, tmp_path / "report")
    pages = "".join(page.read_text() for page in (tmp_path / "report").glob("*.html"))
    assert "<script>alert" not in pages and "&lt;script&gt;alert" in pages
    assert "http" not in pages.replace("http-equiv", "")
    assert index.read_text().count("<svg") >= 3


def test_the_bootstrap_tells_a_better_system_from_a_worse_one(scored):
    def figure(result):
        return result.events.fields["dialogue"].f1

    alone = interval([one.score for one in scored["good"]], figure)
    assert alone.low == alone.value == alone.high == 1
    gain = difference([one.score for one in scored["bad"]], [one.score for one in scored["good"]], figure)
    assert gain.low > 0 and gain.share_below_zero == 0
    with pytest.raises(ValueError, match="same videos"):
        difference([], [scored["good"][0].score], figure)


def test_a_sample_with_a_broken_reference_names_the_fault(tmp_path):
    path = tmp_path / "x.gt.json"
    path.write_text('{"scenes": [{"start": 5, "end": 1}]}')
    with pytest.raises(ValueError, match=r"scenes\[0\]\.end"):
        Sample("x", tmp_path / "x.mp4", path).load()
