"""People and segments over HTTP: a profile's form, conflicts, merge and undo; what a stand-in wrote; what is being written."""

from __future__ import annotations

import re
import uuid

import pytest
from django.test import Client

from omniscript_mam.models import Asset, Job, PlanSummary, ScriptRevision, Segment, State, Step
from omniscript_mam.script import Character, Event, Meta, PlotSegment, Provenance, Relationship, Scene, Script
from omniscript_mam.selectors.assets import current_script
from omniscript_mam.services.archive import characters, scripts
from omniscript_mam.services.jobs import ingest
from omniscript_mam.viewer import EVERYBODY, Viewer

from .test_web_pages import make_asset

pytestmark = pytest.mark.django_db

EVE = Viewer(name="eve")
HTMX = {"HX-Request": "true"}


def harbour() -> Script:
    """Two people, one of them without a name."""
    by = Provenance(writer="omniscript", version="8b", confidence=0.9, evidence="Ann says it at 3.5 s")
    people = [
        Character(
            id="char_001", name="Ann", named=True, aliases=["Woman 1"], naming_evidence="“I'm Ann” at 3.5 s", provenance={"name": by}
        ),
        Character(id="unknown_002", name="Man 1", appearance="a red coat", provenance={"appearance": by}),
    ]
    events = [
        Event(id="e1", start_s=1, end_s=2, character_id="unknown_002", dialogue="Who is there?"),
        Event(id="e2", start_s=3, end_s=4, character_id="char_001", dialogue="I'm Ann."),
    ]
    return Script(
        meta=Meta(duration_s=9, frame_rate="25"),
        characters=people,
        relationships=[Relationship(source_id="unknown_002", target_id="char_001", relation="waits for", provenance={"relation": by})],
        plot=[PlotSegment(id="p1", start_s=0, end_s=9, summary="They meet.", active_characters=["char_001", "unknown_002"])],
        scenes=[Scene(id="s1", start_s=0, end_s=9, location="Pier", events=events)],
    )


@pytest.fixture
def asset() -> Asset:
    """A film with a script, written by a job whose second segment was left to the lite writer."""
    asset = make_asset()
    job = ingest.enqueue(EVERYBODY, asset)
    scripts.store_revision(EVERYBODY, asset, harbour(), "omniscript", "8b", wake=False)
    Step.objects.filter(job=job).update(state=State.DONE)
    book = {
        "profiles": [{"id": "char_001", "label": "Woman 1", "name": "Ann", "sightings": [SEEN]}, {"id": "unknown_002", "label": "Man 1"}],
        "updates": [{"profile_id": "char_001", "old_name": "Woman 1", "new_name": "Ann", "time_s": 3.5}],
        "continuity": [{"start_s": 0, "end_s": 9, "note": "Nothing came before."}],
    }
    PlanSummary.objects.create(job=job, **PLANNED, profiles=book)
    Job.objects.filter(id=job.id).update(state=State.DONE, writer="omniscript")
    rows = [("omniscript", "8b", "", 900), ("lite", "1.0", "The model went in circles.", 600)]
    Segment.objects.bulk_create(
        [
            Segment(job=job, index=n, start_s=4.5 * n, end_s=4.5 * n + 4.5, state=State.DONE, draft="{}", writer=writer,
                    writer_version=version, fault=fault, num_tokens=tokens, cost=0.01, currency="EUR")
            for n, (writer, version, fault, tokens) in enumerate(rows)
        ]
    )  # fmt: skip
    return asset


PLANNED = {"num_tokens": 500, "cost": 0.01, "currency": "EUR"}
SEEN = {"start_s": 0, "end_s": 9, "confidence": 0.7, "reason": "the same voice"}


def page_of(client: Client, asset: Asset) -> str:
    return " ".join(client.get(f"/assets/{asset.id}/").content.decode().split())


def test_the_page_says_who_wrote_what(client: Client, asset: Asset) -> None:
    page = page_of(client, asset)
    assert "Revision 1 by <b>omniscript 8b</b>" in page
    assert "2,000 tokens, 0.03 EUR" in page
    assert "1 of 2 segments was not written by omniscript, but by a stand-in: The model went in circles." in page
    assert 'badge written bad">lite 1.0' in page and "Retry these segments" in page
    assert "Was Woman 1 until" in page and "Recognised, 70 % sure: the same voice" in page
    assert "Nothing came before." in page and "Man 1 waits for Ann" in page
    jobs = client.get("/jobs/").content.decode()
    assert "1 written by a stand-in" in jobs and "2,000 tokens, 0.03 EUR" in jobs
    assert "Looks: " not in page and "Appearance: omniscript 8b, 90 % sure, because Ann says it at 3.5 s" in page


def test_a_profile_is_edited_in_its_place(client: Client, asset: Asset) -> None:
    address = f"/assets/{asset.id}/characters/unknown_002/"
    form = client.get(address, headers=HTMX).content.decode()
    assert form.startswith("<article") and 'name="name" value="Man 1"' in form and "Ann</option>" in form
    assert "<h1>Man 1</h1>" in client.get(address).content.decode(), "without scripts it is a page"
    assert "a red coat" in client.get(address, {"show": "1"}, headers=HTMX).content.decode()
    fields = {"name": "Karl <b>", "aliases": "the visitor, Charly", "appearance": "a red coat", "voice": "", "personality": "shy"}
    answer = client.post(address, {**fields, "revision": 1, "verb": "save"}, headers=HTMX)
    assert answer["HX-Trigger-After-Settle"] == '{"mam:person": {"person": "char_002"}}'
    html = answer.content.decode()
    assert all(f'id="{part}" ' in html.replace(">", " >") for part in ("side", "sources")) and "Karl &lt;b&gt;" in html
    script = current_script(EVERYBODY, asset.id)
    assert script.character_name(script.events()[0].character_id) == "Karl <b>"
    assert script.characters[1].aliases == ["the visitor", "Charly", "Man 1"]
    assert "Revision 2 by <b>a person</b>" in page_of(client, asset)


def test_a_change_of_an_old_revision_is_a_conflict_and_keeps_what_was_typed(client: Client, asset: Asset) -> None:
    characters.edit_character(EVE, asset, "unknown_002", revision=1, appearance="a green coat", personality="shy")
    address = f"/assets/{asset.id}/characters/unknown_002/"
    sent = {"name": "Man 1", "aliases": "", "appearance": "a blue coat", "voice": "low", "personality": "", "revision": 1, "verb": "save"}
    answer = client.post(address, sent, headers=HTMX)
    html = answer.content.decode()
    assert answer.status_code == 409 and 'role="alert"' in html and "a blue coat</textarea>" in html and 'name="revision" value="2"' in html
    assert "a green coat (eve)" in html, "who lost sees the other version"
    assert 'name="personality" value="shy"' in html, "what only the other one changed is not taken back"
    assert ScriptRevision.objects.count() == 2
    assert client.post(address, {**sent, "appearance": "a red coat"}, headers=HTMX).status_code == 200, "another field: both are kept"
    person = current_script(EVERYBODY, asset.id).character("unknown_002")
    assert (person.appearance, person.voice, person.personality) == ("a green coat", "low", "shy")
    nameless = client.post(address, {"name": " ", "revision": 3, "verb": "save"})
    assert nameless.status_code >= 400 and b"needs a name" in nameless.content
    nobody = client.post(address, {"name": "x", "revision": 3, "verb": "merge", "into": ""})
    assert nobody.status_code == 409 and b"Nobody was chosen." in nobody.content


def test_two_are_merged_and_that_is_undone(client: Client, asset: Asset) -> None:
    address = f"/assets/{asset.id}/characters/unknown_002/"
    told = client.post(address, {"verb": "merge", "into": "char_001", "revision": 1}).content.decode()
    assert "<b>Man 1</b> becomes <b>Ann</b>: 1 event, 1 of them spoken" in told and "<ins>a red coat</ins>" in told
    assert len(current_script(EVERYBODY, asset.id).characters) == 2, "nothing is done before it was shown"
    merged = client.post(address, {"verb": "merge", "into": "char_001", "revision": 1, "sure": "1"})
    assert merged.url == f"/assets/{asset.id}/#person-char_001"
    assert [person.name for person in current_script(EVERYBODY, asset.id).characters] == ["Ann"]
    assert "Undo" in page_of(client, asset)
    assert client.post(f"/assets/{asset.id}/undo/", {"revision": 2}).url == f"/assets/{asset.id}/#characters"
    assert len(current_script(EVERYBODY, asset.id).characters) == 2
    assert client.post(f"/assets/{asset.id}/undo/", {"revision": 2}).status_code == 409
    assert client.post(f"/assets/{asset.id}/undo/", {"revision": 3}).status_code == 409, "there is nothing more to undo"
    assert "Redo" in page_of(client, asset)
    assert client.post(f"/assets/{asset.id}/redo/", {"revision": 3}).status_code == 302
    assert [person.name for person in current_script(EVERYBODY, asset.id).characters] == ["Ann"]


def test_a_name_that_somebody_has_offers_the_merge(client: Client, asset: Asset) -> None:
    address = f"/assets/{asset.id}/characters/unknown_002/"
    sent = {"name": "ann", "aliases": "", "appearance": "a red coat", "voice": "", "personality": "", "revision": 1, "verb": "save"}
    answer = client.post(address, sent)
    html = answer.content.decode()
    assert answer.status_code == 409 and "There is a Ann in this script already." in html
    assert "Merge with Ann" in html and '<option value="char_001" selected>' in html and 'name="same_name"' in html
    assert ScriptRevision.objects.count() == 1
    assert client.post(address, {**sent, "same_name": "1"}).status_code == 302
    assert [person.name for person in current_script(EVERYBODY, asset.id).characters] == ["Ann", "ann"]


def test_the_history_compares_looks_and_restores(client: Client, asset: Asset) -> None:
    characters.edit_character(EVE, asset, "unknown_002", revision=1, name="Karl")
    characters.edit_character(EVE, asset, "char_002", revision=2, voice="low")
    page = client.get(f"/assets/{asset.id}/history/").content.decode()
    assert "From revision 2 to 3" in page and "low" in page and "Restore<span" in page
    page = client.get(f"/assets/{asset.id}/history/", {"before": 1, "after": 3}).content.decode()
    assert "Man 1, name" in page and "<td>Karl</td>" in page and "eve" in page
    assert "Man 1" in client.get(f"/assets/{asset.id}/history/1/").content.decode()
    assert client.post(f"/assets/{asset.id}/history/1/restore/", {"revision": 2}).status_code == 409
    assert client.post(f"/assets/{asset.id}/history/1/restore/", {"revision": 3}).status_code == 302
    assert [person.name for person in current_script(EVERYBODY, asset.id).characters] == ["Ann", "Man 1"]
    assert client.post(f"/assets/{asset.id}/undo/", {"revision": 4}).status_code == 302
    assert current_script(EVERYBODY, asset.id).character("char_002").voice == "low", "a restored revision can be taken back"
    assert client.get(f"/assets/{asset.id}/history/99/").status_code == 404


def test_a_correction_that_does_not_fit_waits_for_a_decision(client: Client, asset: Asset) -> None:
    characters.edit_character(EVE, asset, "unknown_002", revision=1, name="Karl")
    anew = harbour()
    anew.scenes[0].events = anew.scenes[0].events[1:]  # he is not heard any more
    anew.characters[1].id, anew.characters[1].name = "unknown_007", "Voice 9"
    anew.relationships, anew.plot, anew.characters[1].appearance = [], [], ""
    scripts.store_revision(EVERYBODY, asset, anew, "omniscript", "9b", wake=False)
    assert "1 correction to be decided" in page_of(client, asset)
    page = client.get(f"/assets/{asset.id}/history/").content.decode()
    assert "Nothing in the script fits it clearly." in page and '<option value="unknown_007">Voice 9</option>' in page
    key = re.search(r"/corrections/(\w+)/", page)[1]
    assert client.post(f"/assets/{asset.id}/corrections/{key}/", {"revision": 3, "part": "unknown_999"}).status_code == 409
    assert client.post(f"/assets/{asset.id}/corrections/{key}/", {"revision": 3, "verb": "give_up"}).status_code == 302
    assert "correction to be decided" not in page_of(client, asset)
    assert client.post(f"/assets/{asset.id}/undo/", {"revision": 4}).status_code == 302
    assert client.post(f"/assets/{asset.id}/corrections/{key}/", {"revision": 5, "part": "unknown_007"}).status_code == 302
    assert [person.name for person in current_script(EVERYBODY, asset.id).characters] == ["Ann", "Karl"]
    scripts.store_revision(EVERYBODY, asset, anew, "omniscript", "9b", wake=False)
    assert [person.name for person in current_script(EVERYBODY, asset.id).characters] == ["Ann", "Karl"], "decided once"


def test_nothing_to_undo_and_unknown_people(client: Client, asset: Asset) -> None:
    assert "Undo" not in page_of(client, asset)
    assert client.post(f"/assets/{asset.id}/undo/", {"revision": 1}).status_code == 409
    for address in (f"/assets/{asset.id}/characters/char_999/", f"/assets/{uuid.uuid4()}/characters/char_001/"):
        assert client.get(address).status_code == 404
        assert client.post(address, {"name": "x"}).status_code == 404
    assert client.post(f"/assets/{uuid.uuid4()}/undo/").status_code == 404
    assert client.post(f"/assets/{make_asset('Empty', b'none').id}/undo/", {"revision": 0}).status_code == 404


def test_what_a_stand_in_wrote_is_asked_for_again(client: Client, asset: Asset) -> None:
    assert client.post(f"/assets/{asset.id}/segments/retry/").url == f"/assets/{asset.id}/"
    assert Segment.objects.filter(job__state=State.QUEUED, state=State.QUEUED, num_retries=1).count() == 1
    assert "Retry these segments" not in page_of(client, asset), "it is being done"
    assert client.post(f"/assets/{uuid.uuid4()}/segments/retry/").status_code == 404
    assert client.post(f"/assets/{make_asset('Other', b'other').id}/segments/retry/").status_code in (404, 409)


def test_polling_tells_new_events_and_is_silent_without(client: Client) -> None:
    asset = make_asset()
    job = ingest.enqueue(EVERYBODY, asset)
    Job.objects.filter(id=job.id).update(state=State.RUNNING)
    row = Segment.objects.create(job=job, index=0, start_s=0, end_s=60, state=State.RUNNING, writer="omniscript")
    page = client.get(f"/assets/{asset.id}/").content.decode()
    address = re.search(r'hx-get="(/assets/[^"]+/progress/[^"]+)"', page)[1].replace("&amp;", "&")
    assert client.get(address).status_code == 204
    row.live = [{"start_s": 1.0, "end_s": 2.0, "character": "<i>Ann", "dialogue": "I'm Ann."}]
    row.num_tokens = 1234
    row.save()
    html = client.get(address).content.decode()
    assert "&lt;i&gt;Ann" in html and "I&#x27;m Ann." in html and "1,234 tokens" in html and 'data-state="running"' in html
    again = re.search(r'hx-get="(/assets/[^"]+/progress/[^"]+)"', html)[1].replace("&amp;", "&")
    assert client.get(again).status_code == 204
    scripts.store_revision(EVERYBODY, asset, harbour(), "omniscript", "8b", wake=False)
    Job.objects.filter(id=job.id).update(state=State.DONE)
    html = client.get(again).content.decode()
    assert "Rewrite script" in html and "Revision 1 by <b>omniscript 8b</b>" in html, "the end of the job changes the whole page"
