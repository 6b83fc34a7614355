"""The writer `omniscript` from a file to a valid script, by the library and by the command."""

from pathlib import Path

from click.testing import CliRunner

import inference
from inference.omniscript.random_model import random_model
from inference.writers.cards import writer_card
from inference.writers.two_stage import TwoStageWriter
from omniscript_mam.commands.write import command
from omniscript_mam.script import dumps, loads, validate


def test_a_film_becomes_a_valid_script_and_events_are_told_before_the_end(film_path, tmp_path, monkeypatch):
    """The grammar is narrowed as for the benchmark (short texts, six events a minute): a random model has nothing to say."""
    monkeypatch.syspath_prepend(str(Path(__file__).resolve().parents[4] / "benchmarks"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))  # no weights of the lite writer: nothing may depend on them
    from long_video_run import Noted

    happened, log, bytewise = [], tmp_path / "log", random_model(tmp_path / "model")
    settings = {
        "workdir": tmp_path,
        "writer": TwoStageWriter("omniscript", lambda film: Noted(film, log, 6.0)),
        "options": {"model_path": str(bytewise), "hints": False},
        "report": lambda share, message: happened.append(message),
        "live": lambda index, events: happened.append(events),
    }
    script = validate(inference.write_script(film_path, **settings))
    assert {by.writer for event in script.events() for by in event.provenance.values()} == {"omniscript"}
    assert all(0 <= event.start_s <= event.end_s <= script.meta.duration_s + 0.01 for event in script.events())
    live = [number for number, each in enumerate(happened) if not isinstance(each, str)]
    assert len(live) > 1, "events are told one by one"
    assert any(str(each).startswith("merge") for each in happened[live[0] :])
    noted = log.read_text()
    for finished in [*tmp_path.rglob("script.json"), *tmp_path.rglob("draft-*.json"), *tmp_path.rglob("plan.json")]:
        finished.unlink()
    assert dumps(inference.write_script(film_path, **settings)) == dumps(script)
    assert log.read_text() == noted, "nothing is asked twice"


def test_the_command_takes_the_authors_flags(film_path, model, tmp_path):
    target = tmp_path / "script.json"
    flags = ["--model_path", str(model), "--whisper_model_path", "large-v3", "--max_new_tokens", "300", "--repetition_penalty", "1.1"]
    said = CliRunner().invoke(
        command, ["--video_path", str(film_path), "--output_json", str(target), "--writer", "omniscript", *flags], standalone_mode=False
    )
    assert said.exception is None, said.exception
    assert "--whisper_model_path is not used" in said.output
    validate(loads(target.read_text()))


def test_its_card_says_what_is_missing(model, monkeypatch, tmp_path):
    monkeypatch.setenv("OMNISCRIPT_MODEL_PATH", str(model))
    assert writer_card("omniscript").ready and writer_card("omniscript").version
    monkeypatch.setenv("OMNISCRIPT_MODEL_PATH", str(tmp_path))
    card = writer_card("omniscript")
    assert not card.ready and "models build" in card.remedy
