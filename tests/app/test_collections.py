"""Collections, corrections of people, and segments that are tried again, as the API and the services offer them."""

from __future__ import annotations

import uuid

import pytest
from django.test import Client

from inference.errors import WriterError
from omniscript_mam.errors import CharacterError, CollectionError, ConflictError, NotFoundError
from omniscript_mam.models import Collection, Job, ScriptRevision, Segment
from omniscript_mam.script import Relationship, from_data
from omniscript_mam.searcher import archive_searcher
from omniscript_mam.selectors.assets import current_script
from omniscript_mam.selectors.jobs import Spending, segments_of_script, spending_of_script
from omniscript_mam.services.archive import assets, characters, collections, scripts
from omniscript_mam.services.jobs import ingest, running
from omniscript_mam.services.search import indexing
from omniscript_mam.viewer import EVERYBODY, Viewer
from search import SearchRequest
from tests.browser.sintel import sintel_script
from tests.integration.tiny_writer import TinyWriter

pytestmark = pytest.mark.django_db(transaction=True)


def current_title(asset) -> str:
    return type(asset).objects.get(id=asset.id).title


@pytest.fixture
def asset(film, no_broker):
    return assets.register_upload(EVERYBODY, film, film.name)[0]


def test_who_writes_is_decided_by_the_film_then_its_collection_then_the_archive(asset, settings):
    settings.OMNISCRIPT = {**settings.OMNISCRIPT, "WRITER": "lite"}
    made = collections.create_collection(EVERYBODY, "Trailers", writer="tiny", options={"hints": False})
    collections.move_assets(EVERYBODY, [str(asset.id)], made.id)
    assert ingest.enqueue(EVERYBODY, asset).writer == "tiny"
    running.run(Job.objects.get().id)
    assert ScriptRevision.objects.get().writer == "tiny"
    asset.options = {"writer": "broken"}
    asset.save()
    assert ingest.rerun(EVERYBODY, asset).writer == "broken"
    ingest.cancel(EVERYBODY, Job.objects.latest("created_at"))
    assert ingest.rerun(EVERYBODY, asset, "tiny").writer == "tiny"


def test_a_film_that_was_never_planned_is_retried_with_the_writer_that_is_chosen_now(asset):
    made = collections.create_collection(EVERYBODY, "Trailers", writer="remote")
    collections.move_assets(EVERYBODY, [str(asset.id)], made.id)
    job = ingest.enqueue(EVERYBODY, asset)
    assert (running.run(job.id), job.writer) == ("failed", "remote")  # no endpoint is declared
    collections.update_collection(EVERYBODY, made.id, writer="tiny")
    assert ingest.enqueue(EVERYBODY, asset).writer == "tiny"
    assert running.run(job.id) == "done" and ScriptRevision.objects.get().writer == "tiny"


def test_a_film_that_moves_is_found_where_it_is_now(asset):
    """The index knows each record's collection; a move makes the film wait to be indexed again, also one in the middle of it."""

    def seen(*collection_ids: str) -> int:
        return (
            archive_searcher().search(SearchRequest("", filters={"asset": (str(asset.id),)}, collections=frozenset(collection_ids))).total
        )

    north, south = collections.create_collection(EVERYBODY, "North", writer="tiny"), collections.create_collection(EVERYBODY, "South")
    collections.move_assets(EVERYBODY, [str(asset.id)], north.id)
    running.run(ingest.enqueue(EVERYBODY, asset).id)
    indexing.index_pending(EVERYBODY)
    assert seen(str(north.id)) > 0 and seen(str(south.id)) == seen("") == 0
    as_read_before = type(asset).objects.get(id=asset.id)
    collections.move_assets(EVERYBODY, [str(asset.id)], south.id)
    indexing.index_asset(EVERYBODY, as_read_before)
    assert indexing.verify(EVERYBODY).stale == (str(asset.id),)
    assert indexing.index_pending(EVERYBODY) == 1 and indexing.verify(EVERYBODY).agrees
    assert seen(str(south.id)) > 0 and seen(str(north.id)) == 0
    collections.delete_collection(EVERYBODY, south.id)
    assert indexing.verify(EVERYBODY).stale == (str(asset.id),) and indexing.index_pending(EVERYBODY) == 1
    assert seen("") > 0 and seen(str(south.id)) == 0


def test_an_endpoint_that_is_not_declared_well_says_why(db, monkeypatch, tmp_path):
    endpoints = tmp_path / "endpoints.toml"
    endpoints.write_text('[house]\nurl = "ftp://house"\nmodel = "m"\n')
    monkeypatch.setenv("OMNISCRIPT_ENDPOINTS", str(endpoints))
    with pytest.raises(CollectionError, match="endpoint 'house': key 'url'"):
        collections.create_collection(EVERYBODY, "Trailers", writer="remote-house")


@pytest.mark.parametrize("wrong", [{"name": " "}, {"name": "x" * 201}, {"writer": "nobody"}, {"options": {"speed": 1}},
                                   {"options": {"strategy": "guess"}}, {"options": {"hints": "yes"}}])  # fmt: skip
def test_a_collection_that_cannot_be_is_refused_and_nothing_is_stored(wrong, db):
    with pytest.raises(CollectionError):
        collections.create_collection(EVERYBODY, **{"name": "Trailers", **wrong})
    assert not Collection.objects.exists()


@pytest.mark.parametrize(("name", "same"), [("Trailers", "TRAILERS"), ("Éclair", "éclair")])
def test_names_are_unique_whatever_their_case(name, same, db):
    made = collections.create_collection(EVERYBODY, name)
    with pytest.raises(ConflictError):
        collections.create_collection(EVERYBODY, same)
    assert collections.update_collection(EVERYBODY, made.id, name=same).name == same  # its own name, spelt otherwise


def test_the_api_of_collections(client: Client, asset):
    made = client.post("/api/v1/collections", {"name": "Reels", "writer": "tiny"}, content_type="application/json")
    assert made.status_code == 201
    address = f"/api/v1/collections/{made.json()['id']}"
    moved = client.patch(f"/api/v1/assets/{asset.id}", {"collection": made.json()["id"]}, content_type="application/json")
    assert moved.json()["collection_id"] == made.json()["id"]
    assert client.get(address).json()["num_assets"] == 1
    assert client.get("/api/v1/assets", {"collection": made.json()["id"]}).json()["total"] == 1
    assert client.get("/api/v1/assets", {"collection": "none"}).json()["total"] == 0
    for wrong in ({"colour": "red"}, {"name": 3}, {"writer": "nobody"}, [1]):
        assert client.patch(address, wrong, content_type="application/json").status_code == 400
    assert client.patch(address, {"writer": ""}, content_type="application/json").json()["writer"] == ""
    assert client.patch(f"/api/v1/assets/{asset.id}", {"collection": None}, content_type="application/json").json()["collection_id"] == ""
    lost = client.patch(f"/api/v1/assets/{asset.id}", {"title": "New", "collection": "nowhere"}, content_type="application/json")
    assert (lost.status_code, current_title(asset)) == (404, asset.title)  # all of a change or nothing
    assert client.delete(address).status_code == 204
    assert client.get(address).status_code == 404
    assert {card["name"] for card in client.get("/api/v1/writers").json()["results"]} >= {"lite", "omniscript"}


@pytest.fixture
def written(asset):
    script = sintel_script()
    scripts.store_revision(EVERYBODY, asset, script, "lite", "1.0", wake=False)
    return asset


def test_a_corrected_name_reaches_every_mention_and_can_be_taken_back(written):
    script = current_script(EVERYBODY, written.id)
    first, second = script.characters[:2]
    script.relationships = [Relationship(source_id=first.id, target_id=second.id, relation="knows")]
    scripts.store_revision(EVERYBODY, written, script, "lite", "1.0", wake=False)
    num_events = sum(event.character_id == first.id for event in script.events())
    identifier = characters.edit_character(Viewer(name="eve"), written, first.id, revision=2, name="Ada", aliases=["A."]).part_id
    found = current_script(EVERYBODY, written.id)
    person = found.character(identifier)
    assert (person.name, person.named, person.provenance["name"].version) == ("Ada", True, "eve")
    assert person.provenance["name"].is_person and person.aliases == ["A.", first.name]
    assert sum(event.character_id == identifier for event in found.events()) == num_events
    assert found.relationships[0].source_id == identifier
    with pytest.raises(ConflictError):
        characters.edit_character(EVERYBODY, written, identifier, revision=2, name="Eva")
    assert characters.undo(EVERYBODY, written, revision=3).number == 4
    assert current_script(EVERYBODY, written.id).character(first.id).name == first.name
    assert [row.writer for row in written.revisions.order_by("number")] == ["lite", "lite", "person", "person"]


def test_two_who_are_one(written):
    script = current_script(EVERYBODY, written.id)
    kept, gone, other = script.characters[:3]
    script.relationships = [Relationship(source_id=each.id, target_id=other.id, relation="knows") for each in (kept, gone)]
    script.relationships.append(Relationship(source_id=kept.id, target_id=gone.id, relation="talks to"))
    scripts.store_revision(EVERYBODY, written, script, "lite", "1.0", wake=False)
    total = sum(event.character_id in (kept.id, gone.id) for event in script.events())
    characters.merge_characters(EVERYBODY, written, gone.id, kept.id, revision=2)
    found = current_script(EVERYBODY, written.id)
    assert found.character(gone.id) is None and gone.name in found.character(kept.id).aliases
    assert sum(event.character_id == kept.id for event in found.events()) == total
    with pytest.raises(CharacterError):
        characters.merge_characters(EVERYBODY, written, kept.id, kept.id, revision=3)
    with pytest.raises(NotFoundError):
        characters.merge_characters(EVERYBODY, written, kept.id, "char_999", revision=3)
    assert [(tie.source_id, tie.target_id) for tie in found.relationships] == [(kept.id, other.id)]


def test_a_name_outlives_a_label(written):
    script = current_script(EVERYBODY, written.id)
    named, label = script.characters[:2]
    named.named, label.named = True, False
    scripts.store_revision(EVERYBODY, written, script, "lite", "1.0", wake=False)
    assert characters.merge_characters(EVERYBODY, written, named.id, label.id, revision=2).part_id == named.id
    assert label.name in current_script(EVERYBODY, written.id).character(named.id).aliases


def test_the_api_of_people(client: Client, written):
    person = current_script(EVERYBODY, written.id).characters[0]
    address = f"/api/v1/assets/{written.id}/characters/{person.id}"
    changed = client.patch(address, {"revision": 1, "appearance": "a red coat"}, content_type="application/json")
    assert changed.json() == {"id": person.id, "revision": 2}
    joined = client.patch(address, {"revision": 1, "voice": "low"}, content_type="application/json")
    assert joined.json() == {"id": person.id, "revision": 3}, "another field: both are kept"
    other = client.patch(address, {"revision": 1, "appearance": "a blue coat"}, content_type="application/json")
    assert other.status_code == 409
    for wrong in ({"name": ""}, {"age": "7"}, {"aliases": [1]}, {"aliases": ["x" * 501]}, {"name": "x" * 201}, {"revision": "2"}):
        wrong = {"revision": 3, **wrong}
        assert client.patch(address, wrong, content_type="application/json").status_code == 400
    assert client.post(f"/api/v1/assets/{written.id}/undo", {"revision": 3}, content_type="application/json").json() == {"revision": 4}
    assert client.patch(f"/api/v1/assets/{uuid.uuid4()}/characters/x", {"revision": 1}, content_type="application/json").status_code == 404


class Stubborn(TinyWriter):
    """Leaves its second segment to a stand-in at the first attempt, and says so in the draft."""

    def write(self, film, plan, index, report=lambda share, message: None):
        draft = super().write(film, plan, index, report)
        if index == 1 and not film.options.get("attempt", {}).get("1"):
            usage = '{"num_new_tokens": 7, "cost": 0.5}'
            return draft[:-1] + f', "writer": "lite", "version": "1.0", "fault": "The server did not answer.", "usage": {usage}}}'
        return draft


def test_a_stand_in_is_told_and_its_segment_tried_again(asset, monkeypatch, client: Client):
    from omniscript_mam.services.jobs import work

    monkeypatch.setattr(work, "open_writer", lambda name: Stubborn())
    job = ingest.enqueue(EVERYBODY, asset)
    assert running.run(job.id) == "done"
    job.refresh_from_db()
    assert job.message == "1 of 3 segments were written by lite"
    rows = segments_of_script(EVERYBODY, asset.id)
    assert [(row.writer, row.fault) for row in rows] == [("tiny", ""), ("lite", "The server did not answer."), ("tiny", "")]
    kept = list(Segment.objects.exclude(index=1).values_list("draft", "finished_at"))
    answer = client.post(f"/api/v1/assets/{asset.id}/retry-segments", content_type="application/json")
    assert answer.status_code == 202 and answer.json()["num_segments_done"] == 2 and answer.json()["progress"] == 0.0
    assert running.run(job.id) == "done"
    assert [(row.writer, row.fault, row.num_retries) for row in segments_of_script(EVERYBODY, asset.id)] == [
        ("tiny", "", 0),
        ("tiny", "", 1),
        ("tiny", "", 0),
    ]
    assert list(Segment.objects.exclude(index=1).values_list("draft", "finished_at")) == kept
    assert spending_of_script(EVERYBODY, asset.id) == Spending(7, 0.5), "the attempt that failed was paid for too"
    assert [(row.number, row.note) for row in asset.revisions.order_by("number")] == [(1, ""), (2, "1 segment written again")]
    assert client.post(f"/api/v1/assets/{asset.id}/retry-segments", content_type="application/json").status_code == 409
    assert from_data(ScriptRevision.objects.get(number=2).document).scenes


def test_a_segment_written_again_keeps_the_corrections_of_people(asset):
    job = ingest.enqueue(EVERYBODY, asset)
    running.run(job.id)
    characters.edit_character(EVERYBODY, asset, "char_001", revision=1, name="Ada")
    ingest.retry_segments(EVERYBODY, asset, [1])
    running.run(job.id)
    note = asset.revisions.get(number=3).note
    assert note == "1 segment written again; 1 correction kept"
    assert current_script(EVERYBODY, asset.id).character("char_001").name == "Ada"


def test_a_helper_that_fails_leaves_its_segment_to_the_holder(asset, monkeypatch):
    from omniscript_mam.services.jobs import work

    class Failing(TinyWriter):
        def write(self, film, plan, index, report=lambda share, message: None):
            raise WriterError("no")

    job = ingest.enqueue(EVERYBODY, asset)
    monkeypatch.setattr(work, "open_writer", lambda name: Failing())
    assert running.help_with(job.id) == 0  # nobody holds it
    assert running.run(job.id) == "failed"
    assert set(Segment.objects.values_list("state", "token")) == {("queued", None)}
    assert running.help_with(job.id) == 0
    assert running.help_with(uuid.uuid4()) == 0


def test_a_rerun_keeps_what_people_corrected_and_undo_is_a_real_undo(asset):
    job = ingest.enqueue(EVERYBODY, asset)
    running.run(job.id)
    for number, changes in enumerate([{"name": "Ada"}, {"voice": "low"}, {"voice": "hoarse"}], start=1):
        characters.edit_character(EVERYBODY, asset, "char_001", revision=number, **changes)

    def state() -> tuple[str, str]:
        person = current_script(EVERYBODY, asset.id).character("char_001")
        return person.name, person.voice

    seen = [characters.undo(EVERYBODY, asset, revision=number) and state() for number in (4, 5, 6)]
    assert seen == [("Ada", "low"), ("Ada", ""), ("Bars", "")], "three presses go back three steps"
    with pytest.raises(ConflictError):
        characters.undo(EVERYBODY, asset, revision=7)
    assert [characters.redo(EVERYBODY, asset, revision=number) and state() for number in (7, 8)] == [("Ada", ""), ("Ada", "low")]
    characters.edit_character(EVERYBODY, asset, "char_001", revision=9, personality="kind")
    with pytest.raises(ConflictError):
        characters.redo(EVERYBODY, asset, revision=10)  # a new correction ends what could be redone
    running.run(ingest.rerun(EVERYBODY, asset).id)
    assert state() == ("Ada", "low") and current_script(EVERYBODY, asset.id).characters[0].personality == "kind"
    notes = [row.note for row in asset.revisions.order_by("number")]
    assert notes[4:7] == [
        "Undone: Ada: voice corrected",
        "Undone: Ada: voice corrected",
        "Undone: Bars is Ada",
    ]
    assert notes[-1] == "Run again; 3 corrections kept"
    restored = characters.restore(EVERYBODY, asset, 1, revision=11)
    assert state() == ("Bars", "") and restored.restores == 1
    characters.undo(EVERYBODY, asset, revision=12)
    assert state() == ("Ada", "low")


def test_corrections_of_the_last_release_are_kept_too(asset):
    """That release stored no list: what people changed is read off its documents."""
    script = sintel_script()
    row = scripts.store_revision(EVERYBODY, asset, script, "lite", "1.0", wake=False)
    person = script.characters[0]
    characters.edit_character(EVERYBODY, asset, person.id, revision=row.number, name="Ada", voice="low")
    asset.revisions.update(corrections=None)
    scripts.store_revision(EVERYBODY, asset, sintel_script(), "lite", "2.0", wake=False)
    kept = next(each for each in current_script(EVERYBODY, asset.id).characters if each.name == "Ada")
    assert kept.voice == "low" and kept.provenance["name"].is_person


def test_an_if_match_of_an_older_revision_is_joined_or_refused_with_both_versions(client: Client, written):
    person = current_script(EVERYBODY, written.id).characters[0]
    address = f"/api/v1/assets/{written.id}/characters/{person.id}"

    def send(body: dict[str, str], seen: str):
        return client.patch(address, body, content_type="application/json", headers={"If-Match": seen})

    tag = client.get(f"/api/v1/assets/{written.id}/script")["ETag"]
    assert tag == '"1"' and send({"voice": "low"}, tag).json()["revision"] == 2
    assert send({"appearance": "a red coat"}, tag).json()["revision"] == 3
    refused = send({"voice": "shrill"}, tag)
    error = refused.json()["error"]
    assert (refused.status_code, error["code"], error["revision"]) == (409, "conflict.revision", 3)
    assert [(each["yours"], each["theirs"]) for each in error["conflicts"]] == [("shrill", "low")]
    assert send({"voice": "shrill"}, '"3"').json()["revision"] == 4, "once both versions were seen"
    assert send({"voice": "x"}, "²").status_code == 400
    taken = client.patch(address, {"name": current_script(EVERYBODY, written.id).characters[1].name.upper(), "revision": 4},
                         content_type="application/json")  # fmt: skip
    assert (taken.status_code, taken.json()["error"]["code"]) == (409, "conflict.same_name")
