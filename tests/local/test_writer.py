"""The writer `omniscript` from a file to a valid script, by the library and by the command."""

from click.testing import CliRunner

import inference
from inference.writers.cards import writer_card
from omniscript_mam.commands.write import command
from omniscript_mam.script import loads, validate


def test_a_film_becomes_a_valid_script_and_events_are_told_before_the_end(film_path, terse, tmp_path):
    happened = []
    options = {"model_path": str(terse), "hints": False, "max_new_tokens": 400}
    script = inference.write_script(
        film_path,
        workdir=tmp_path,
        writer="omniscript",
        options=options,
        report=lambda share, message: happened.append(message),
        live=lambda index, events: happened.append(events),
    )
    validate(script)
    assert {by.writer for event in script.events() for by in event.provenance.values()} == {"omniscript"}
    live = [number for number, each in enumerate(happened) if not isinstance(each, str)]
    assert live, "nobody was told of an event"
    assert any(str(each).startswith("merge") for each in happened[live[0] :])
    assert all(0 <= event.start_s <= event.end_s <= script.meta.duration_s + 0.01 for event in script.events())


def test_the_command_takes_the_authors_flags(film_path, terse, tmp_path):
    target = tmp_path / "script.json"
    flags = ["--model_path", str(terse), "--whisper_model_path", "large-v3", "--max_new_tokens", "300", "--repetition_penalty", "1.1"]
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
