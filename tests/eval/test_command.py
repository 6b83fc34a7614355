"""``omniscript eval`` as a user calls it: figures, alignment, errors with a path, report."""

import json
import subprocess
import sys

import pytest

from omniscript_mam.script import dumps
from tests.eval.test_runner import a_film, a_script


def omniscript(*arguments):
    return subprocess.run([sys.executable, "-m", "omniscript_mam.cli", "eval", *map(str, arguments)], capture_output=True, text=True)


PLAIN = {
    "scenes": [
        {
            "start": 0,
            "end": 10,
            "location": "Kitchen",
            "events": [{"start": 1, "end": 2, "character": "Anna", "dialogue": "Where were you?"}],
        }
    ]
}
OFFICIAL = {
    "meta": {"title": "x", "duration": "00:00:10", "characters": ["Anna"]},
    "script": [
        {
            "scene_id": 1,
            "location": "Kitchen",
            "type": "Interior",
            "environment": "",
            "time": "Night",
            "mood": "",
            "events": [{"timestamp": "00:01", "character": "Anna", "dialogue": "Where were you?"}],
        }
    ],
}


@pytest.fixture
def files(tmp_path):
    (tmp_path / "plain.json").write_text(json.dumps(PLAIN))
    (tmp_path / "official.json").write_text(json.dumps(OFFICIAL))
    (tmp_path / "ours.json").write_text(dumps(a_script()))
    return tmp_path


def test_score_reads_all_three_forms_and_prints_full_precision(files):
    done = omniscript("score", "--reference", files / "plain.json", "--estimate", files / "official.json", "--judge", "lexical", "--json")
    figures = json.loads(done.stdout)
    assert figures["events"]["dialogue"] == {"precision": 1.0, "recall": 1.0, "f1": 1.0}
    assert figures["events"]["action"] is None
    assert set(figures["events"]["tiou"]) == {"0.1", "0.3", "0.5", "0.7", "0.9"}
    assert figures["scenes"]["location"]["f1"] == 1.0
    itself = omniscript("score", "--reference", files / "ours.json", "--estimate", files / "ours.json", "--judge", "lexical", "--json")
    assert json.loads(itself.stdout)["events"]["overall"] == 1.0


def test_a_character_map_replaces_the_rules(files):
    (files / "other.json").write_text(json.dumps(PLAIN).replace("Anna", "Susan"))
    (files / "map.json").write_text('{"Susan": "Anna"}')
    words = ["score", "--reference", files / "plain.json", "--estimate", files / "other.json", "--judge", "lexical", "--json"]
    assert json.loads(omniscript(*words).stdout)["events"]["character"]["f1"] == 0
    mapped = json.loads(omniscript(*words, "--character-map", files / "map.json").stdout)
    assert mapped["events"]["character"]["f1"] == 1


def test_align_prints_what_is_matched_and_missed(files):
    (files / "late.json").write_text(
        json.dumps({"scenes": [{"start": 0, "end": 90, "events": [{"start": 80, "end": 82, "dialogue": "x"}]}]})
    )
    shown = omniscript("align", files / "plain.json", files / "late.json").stdout
    assert "[missed]" in shown and "[invented]" in shown


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ('{"scenes":[{"start":5,"end":1}]}', "scenes[0].end"),
        ("nonsense", "(document)"),
        ("[1]", "(document)"),
        ('{"scenes":[{"start":0,"end":1,"events":[{"start":NaN,"end":1}]}]}', "scenes[0].events[0].start"),
        ('{"schema_version": 99}', "schema version 99"),
    ],
)
def test_bad_input_is_one_line_with_the_place(files, text, path):
    (files / "bad.json").write_text(text)
    done = omniscript("score", "--reference", files / "plain.json", "--estimate", files / "bad.json", "--judge", "lexical")
    assert done.returncode == 1
    assert path in done.stderr and "Traceback" not in done.stderr


def test_ten_thousand_events_get_a_score(files):
    events = [{"start": i, "end": i + 1, "dialogue": f"line {i}"} for i in range(10_000)]
    (files / "long.json").write_text(json.dumps({"scenes": [{"start": 0, "end": 10_001, "events": events}]}))
    done = omniscript("score", "--reference", files / "plain.json", "--estimate", files / "long.json", "--judge", "lexical", "--json")
    counts = json.loads(done.stdout)["events"]["counts"]
    assert counts["num_aligned"] == 1 and counts["num_invented"] > 9990


def test_report_and_data_set(files):
    data = files / "data"
    data.mkdir()
    a_film(data / "one.mp4")
    (data / "one.gt.json").write_text(dumps(a_script()))
    (files / "scripts").mkdir()
    (files / "scripts/one.json").write_text(dumps(a_script(0.2)))
    assert json.loads(omniscript("dataset", "stats", data).stdout)["num_clips"] == 1
    done = omniscript(
        "report", data, "--system", f"lite={files / 'scripts'}", "--out", files / "report", "--judge", "lexical", "--table", 4
    )
    assert done.returncode == 0, done.stderr
    assert "Table 4." in done.stdout and "subtitles masked" in done.stdout and "Table 1." not in done.stdout
    assert "lite: overall 100.0" in done.stdout
    assert (files / "report/index.html").exists()
