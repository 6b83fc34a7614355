"""``omniscript history`` and ``omniscript delete``: what people did, taken back and decided; what is lost, named first."""

from __future__ import annotations

import io
import json

import pytest
from click.testing import CliRunner, Result

from omniscript_mam.commands import delete, history
from omniscript_mam.errors import ConflictError, NotFoundError
from omniscript_mam.models import Asset
from omniscript_mam.script import Event, Provenance, Scene, Script
from omniscript_mam.selectors.assets import current_revision, script_revision
from omniscript_mam.services.archive import assets, characters, correcting, scripts
from omniscript_mam.services.jobs import ingest
from omniscript_mam.viewer import EVERYBODY
from tests.essences import essence

from .test_web_pages import small_script

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def asset(no_broker) -> Asset:
    asset = assets.register_upload(EVERYBODY, io.BytesIO(essence(b"film")), "harbour.mkv", title="Harbour")[0]
    scripts.store_revision(EVERYBODY, asset, small_script(), "lite", "0.1", wake=False)
    return asset


def ask(command, *arguments: str, typed: str = "") -> Result:
    return CliRunner().invoke(command, ["Harbour", *arguments], standalone_mode=False, input=typed)


def say(*arguments: str) -> str:
    result = ask(history.command, *arguments)
    assert result.exception is None and result.return_value == 0, result.exception
    return result.output


def asked(*arguments: str) -> dict:
    return json.loads(say(*arguments, "--json"))


def first_person(asset: Asset, number: int):
    return script_revision(EVERYBODY, asset.id, number).characters[0]


def test_history_lists_compares_undoes_redoes_and_restores(asset):
    person = first_person(asset, 1)
    characters.edit_character(EVERYBODY, asset, person.id, revision=1, texts={"appearance": "a grey shawl"})
    assert [row["number"] for row in asked()["results"]] == [2, 1] and asked()["undo"] == 1
    assert "a grey shawl" in say("--compare", "1", "2") and "lite 0.1" in say()
    assert "a grey shawl" in say("--corrections")
    assert asked("--undo")["revision"] == 3 and first_person(asset, 3).appearance == person.appearance
    assert isinstance(ask(history.command, "--undo").exception, ConflictError), "there is nothing more to undo"
    assert "Redone" in say("--redo") and first_person(asset, 4).appearance == "a grey shawl"
    assert asked("--restore", "1")["revision"] == 5 and first_person(asset, 5) == person
    assert isinstance(ask(history.command, "--restore", "99").exception, NotFoundError)
    assert "one thing at a time" in str(ask(history.command, "--undo", "--restore", "1").exception)
    assert current_revision(EVERYBODY, asset.id) == 5


def waiting(asset: Asset) -> dict:
    """A correction of a line that the script, written anew, says twice."""
    seen = script_revision(EVERYBODY, asset.id, 1)
    event = seen.events()[0]

    def change(script: Script) -> str:
        mine = next(each for each in script.events() if each.id == event.id)
        mine.subtext = "he is lying"
        mine.provenance = {**mine.provenance, "subtext": Provenance(writer="person", version="eve")}
        return "subtext"

    correcting.correct(EVERYBODY, asset, change, revision=1)
    anew = small_script()
    scene = next(scene for scene in anew.scenes if any(each.id == event.id for each in scene.events))
    scene.events = [*scene.events, next(each for each in scene.events if each.id == event.id).model_copy(update={"id": "again"})]
    scene.events.sort(key=lambda each: (each.start_s, each.end_s))
    scripts.store_revision(EVERYBODY, asset, anew, "lite", "0.2", wake=False)
    (row,) = [row for row in asked("--corrections")["results"] if row["problem"]]
    return row


def test_a_waiting_correction_is_put_into_the_part_that_was_chosen(asset):
    row = waiting(asset)
    told = say("--corrections")
    assert "NOT IN THE SCRIPT" in told and f"--put {row['key']} again" in told and f"--give-up {row['key']}" in told
    assert "Correction put in" in say("--put", row["key"], "again")
    events = {event.id: event for event in script_revision(EVERYBODY, asset.id, 4).events()}
    assert events["again"].subtext == "he is lying" and asked("--corrections")["num_waiting"] == 0
    assert isinstance(ask(history.command, "--put", "nothing", "again").exception, NotFoundError)


def test_a_waiting_correction_is_given_up(asset):
    row = waiting(asset)
    assert "given up" in say("--give-up", row["key"])
    assert asked("--corrections")["results"] == []
    assert isinstance(ask(history.command, "--give-up", row["key"]).exception, NotFoundError)


def test_lines_that_a_person_adds_and_takes_away_outlive_the_writer(asset):
    gone = script_revision(EVERYBODY, asset.id, 1).events()[0]

    def change(script: Script) -> str:
        scene: Scene = script.scenes[0]
        mine = Event(id="mine", start_s=scene.start_s, end_s=scene.start_s + 0.1, audio_cue="a bell")
        scene.events = [mine, *(event for event in scene.events if event.id != gone.id)]
        return "a line put in, another taken away"

    assert correcting.correct(EVERYBODY, asset, change, revision=1).revision == 2
    scripts.store_revision(EVERYBODY, asset, small_script(), "lite", "0.2", wake=False)
    after = script_revision(EVERYBODY, asset.id, 3)
    assert "a bell" in {event.audio_cue for event in after.events()} and gone.id not in {event.id for event in after.events()}
    assert asked("--corrections")["num_waiting"] == 0 and "2 corrections kept" in say()
    assert "a bell" in say("--compare", "1", "2")


def test_delete_names_what_is_lost_and_asks(asset, monkeypatch):
    nobody = ask(delete.command)
    assert isinstance(nobody.exception, ConflictError) and "1 revision" in nobody.output and Asset.objects.exists()
    monkeypatch.setattr(delete, "is_person_there", lambda: True)
    assert ask(delete.command, typed="n\n").exception is not None and Asset.objects.exists()
    assert ask(delete.command, typed="y\n").exception is None and not Asset.objects.exists()


def test_delete_without_a_question_for_scripts(asset):
    ingest.enqueue(EVERYBODY, asset)
    asset.jobs.update(state="running")
    assert isinstance(ask(delete.command, "--yes").exception, ConflictError) and Asset.objects.exists(), "its job runs"
    asset.jobs.update(state="failed")
    told = ask(delete.command, "--yes", "--json")
    start = told.output.index("{")
    assert json.loads(told.output[start:]) == {"asset": str(asset.id), "title": "Harbour", "deleted": True}
    assert isinstance(ask(delete.command, "--yes").exception, NotFoundError)
