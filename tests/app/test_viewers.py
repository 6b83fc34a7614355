"""What somebody sees who may not see everything, and what somebody may not do who may only look."""

from __future__ import annotations

import dataclasses
import importlib
import inspect
import io
import pkgutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.template import Context, Template
from django.test import Client

from omniscript_mam import services
from omniscript_mam.errors import ForbiddenError, NotFoundError
from omniscript_mam.models import Asset, Job, Rendition, ScriptRevision
from omniscript_mam.selectors import assets as asset_selectors
from omniscript_mam.selectors import collections as collection_selectors
from omniscript_mam.selectors import jobs, library, links, media, planning
from omniscript_mam.selectors import scripts as script_selectors
from omniscript_mam.selectors.search import search
from omniscript_mam.services import links as link_services
from omniscript_mam.services.archive import assets, characters, collections, correcting, scripts, sidecars
from omniscript_mam.services.jobs import ingest
from omniscript_mam.services.search import indexing, mending, saving
from omniscript_mam.viewer import EVERYBODY, SYSTEM, Action, Viewer
from search import SearchRequest
from tests.browser.sintel import sintel_script
from tests.essences import essence

pytestmark = pytest.mark.django_db(transaction=True)


@dataclasses.dataclass
class Shelf:
    """A film with a script, a job and a poster in a collection of its own, and somebody who sees only that collection."""

    asset: Asset
    job: Job
    poster: Rendition
    viewer: Viewer


def shelf(name: str) -> Shelf:
    made = collections.create_collection(EVERYBODY, name)
    asset, _ = assets.register_upload(EVERYBODY, io.BytesIO(essence(name.encode())), f"{name}.mp4", collection=made.id)
    scripts.store_revision(SYSTEM, asset, sintel_script(), "lite", "1")
    job = ingest.enqueue(EVERYBODY, asset)
    poster = Rendition.objects.create(asset=asset, kind="poster", path=asset.essence.path, mime_type="image/jpeg", num_bytes=1, sha256=name)
    return Shelf(asset, job, poster, Viewer("1", "Ada", frozenset([str(made.id)])))


@pytest.fixture
def ours(no_broker) -> Shelf:
    return shelf("ours")


@pytest.fixture
def theirs(no_broker) -> Shelf:
    return shelf("theirs")


@pytest.fixture
def loose(no_broker) -> Asset:
    """A film that is in no collection."""
    return assets.register_upload(EVERYBODY, io.BytesIO(essence(b"loose")), "loose.mp4")[0]


def test_lists_hold_what_is_seen(ours: Shelf, theirs: Shelf, loose: Asset):
    viewer = ours.viewer
    everything = [str(each.id) for each in (ours.asset, theirs.asset, loose)]
    assert [card.title for card in library.library(viewer).rows] == ["ours"]
    assert [card.title for card in library.library(viewer, collection="none").rows] == []
    assert [card.title for card in library.cards(viewer, Asset.objects.all())] == ["ours"]
    assert library.titles(viewer, everything) == {str(ours.asset.id): "ours"}
    assert [row.name for row in collection_selectors.collections(viewer)] == ["ours"]
    assert [row.title for row in jobs.jobs(viewer).rows] == ["ours"]
    assert list(jobs.latest_jobs(viewer, Asset.objects.values_list("id", flat=True))) == [ours.asset.id]
    assert set(script_selectors.current_scripts(viewer, everything)) == {str(ours.asset.id)}
    assert collection_selectors.script_writers(viewer, str(theirs.asset.collection_id)) == []
    assert library.library(EVERYBODY).total == 3 and len(collection_selectors.collections(EVERYBODY)) == 2


READINGS: dict[str, Callable[[Viewer, Shelf], Any]] = {
    "asset": lambda viewer, other: asset_selectors.asset_detail(viewer, other.asset.id),
    "row": lambda viewer, other: asset_selectors.get_asset(viewer, other.asset.id),
    "revision": lambda viewer, other: asset_selectors.script_revision(viewer, other.asset.id, 1),
    "by name": lambda viewer, other: library.find_asset(viewer, other.asset.title),
    "by the beginning of its id": lambda viewer, other: library.find_asset(viewer, str(other.asset.id)[:13]),
    "collection": lambda viewer, other: collection_selectors.collection(viewer, other.asset.collection_id),
    "collection by name": lambda viewer, other: collection_selectors.find_collection(viewer, other.asset.title),
    "writer": lambda viewer, other: collection_selectors.writer_of(viewer, other.asset.id),
    "job": lambda viewer, other: jobs.job_detail(viewer, other.job.id),
    "job as shown": lambda viewer, other: jobs.job_row(viewer, other.job),
    "job by its id": lambda viewer, other: jobs.find_job(viewer, str(other.job.id)),
    "file": lambda viewer, other: media.media_file(viewer, other.poster.id, other.poster.digest),
    "deliverable": lambda viewer, other: script_selectors.deliverable(viewer, other.asset.id),
}


@pytest.mark.parametrize("what", READINGS)
def test_what_is_not_seen_is_not_there(what: str, ours: Shelf, theirs: Shelf):
    assert READINGS[what](ours.viewer, ours)
    with pytest.raises(NotFoundError):
        READINGS[what](ours.viewer, theirs)


def test_what_a_job_left_is_seen_with_its_asset(ours: Shelf, theirs: Shelf):
    for other in (ours, theirs):
        other.job.steps.filter(name__in=["plan", "merge"]).update(state="done")
        other.job.segments.create(index=0, start_s=0.0, end_s=1.0, num_tokens=7)
    assert len(jobs.segments_of_script(ours.viewer, ours.asset.id)) == 1
    assert jobs.spending_of_script(ours.viewer, ours.asset.id).num_tokens == 7
    assert jobs.segments_of_script(ours.viewer, theirs.asset.id) == ()
    assert jobs.spending_of_script(ours.viewer, theirs.asset.id).num_tokens == 0
    assert planning.planner_notes(ours.viewer, theirs.asset.id) == planning.PlannerNotes()
    assert asset_selectors.current_script(ours.viewer, theirs.asset.id) is None


def test_links_lead_to_what_is_seen(ours: Shelf, theirs: Shelf):
    row = get_user_model().objects.create_user("grug")
    link_services.link(EVERYBODY, row, theirs.asset)
    assert links.asset_of(EVERYBODY, row) == theirs.asset and links.objects_of(EVERYBODY, theirs.asset) == [row]
    assert links.asset_of(ours.viewer, row) is None and links.objects_of(ours.viewer, theirs.asset) == []


def test_search_knows_only_what_is_seen(ours: Shelf, theirs: Shelf):
    indexing.index_pending(SYSTEM)
    both = search(EVERYBODY, SearchRequest(text="snow"))
    mine = search(ours.viewer, SearchRequest(text="snow"))
    assert {row.card.title for row in both.rows} == {"ours", "theirs"}
    assert {row.card.title for row in mine.rows} == {"ours"} and {hit.asset_id for hit in mine.results.hits} == {str(ours.asset.id)}
    assert dict(mine.results.facets["asset"]).keys() == {str(ours.asset.id)}
    asked = SearchRequest(text="snow", collections=theirs.viewer.collections)
    assert search(ours.viewer, asked).rows == ()
    assert search(Viewer(actions=frozenset([Action.EXPORT])), SearchRequest(text="snow")).rows == ()


def test_films_in_no_collection_are_seen_by_whoever_is_told_so(ours: Shelf, loose: Asset):
    viewer = Viewer(collections=frozenset([""]))
    assert [card.title for card in library.library(viewer).rows] == ["loose"]
    assert viewer.sees(None) and not viewer.sees(ours.asset.collection_id)
    assert collection_selectors.collections(viewer) == []


def test_who_may_not_view_sees_nothing(ours: Shelf):
    viewer = Viewer(actions=frozenset(Action) - {Action.VIEW})
    assert library.library(viewer).total == 0 and jobs.jobs(viewer).total == 0
    with pytest.raises(ForbiddenError):
        ingest.rerun(viewer, ours.asset)


def first_person(asset: Asset) -> str:
    script = asset_selectors.current_script(EVERYBODY, asset.id)
    assert script is not None
    return script.characters[0].id


CHANGES: dict[str, Callable[[Viewer, Shelf], Any]] = {
    "archive.assets.register_upload": lambda viewer, on: assets.register_upload(
        viewer, io.BytesIO(essence(b"new")), "new.mp4", collection=on.asset.collection_id
    ),
    "archive.assets.rename_asset": lambda viewer, on: assets.rename_asset(viewer, on.asset, "Another"),
    "archive.assets.change_options": lambda viewer, on: assets.change_options(viewer, on.asset, {"writer": "lite"}),
    "archive.assets.delete_asset": lambda viewer, on: assets.delete_asset(viewer, on.asset),
    "archive.sidecars.attach_sidecar": lambda viewer, on: sidecars.attach_sidecar(viewer, on.asset, io.BytesIO(b"x"), "a.srt"),
    "archive.sidecars.remove_sidecar": lambda viewer, on: sidecars.remove_sidecar(viewer, on.asset, 1),
    "archive.sidecars.attach_beside": lambda viewer, on: sidecars.attach_beside(viewer, on.asset, Path("ours.mp4")),
    "archive.sidecars.attach_to_film_of_name": lambda viewer, on: sidecars.attach_to_film_of_name(
        viewer, io.BytesIO(b"x"), f"{on.asset.title}.srt"
    ),
    "archive.characters.edit_character": lambda viewer, on: characters.edit_character(
        viewer, on.asset, first_person(on.asset), revision=1, name="Eep"
    ),
    "archive.characters.merge_characters": lambda viewer, on: characters.merge_characters(
        viewer, on.asset, first_person(on.asset), "char_002", revision=1
    ),
    "archive.correcting.assign": lambda viewer, on: correcting.assign(viewer, on.asset, "none", "char_001", revision=1),
    "archive.correcting.correct": lambda viewer, on: correcting.correct(viewer, on.asset, lambda script: "", revision=1),
    "archive.correcting.dismiss": lambda viewer, on: correcting.dismiss(viewer, on.asset, "none", revision=1),
    "archive.correcting.redo": lambda viewer, on: correcting.redo(viewer, on.asset, revision=1),
    "archive.correcting.restore": lambda viewer, on: correcting.restore(viewer, on.asset, 1, revision=1),
    "archive.correcting.undo": lambda viewer, on: correcting.undo(viewer, on.asset, revision=1),
    "archive.scripts.held": lambda viewer, on: scripts.held(viewer, on.asset).__enter__(),
    "archive.scripts.store_revision": lambda viewer, on: scripts.store_revision(viewer, on.asset, sintel_script(), "lite", "1"),
    "archive.collections.create_collection": lambda viewer, on: collections.create_collection(viewer, "A third"),
    "archive.collections.update_collection": lambda viewer, on: collections.update_collection(
        viewer, on.asset.collection_id, name="A third"
    ),
    "archive.collections.delete_collection": lambda viewer, on: collections.delete_collection(viewer, on.asset.collection_id),
    "archive.collections.move_assets": lambda viewer, on: collections.move_assets(viewer, [str(on.asset.id)], None),
    "jobs.ingest.enqueue": lambda viewer, on: ingest.enqueue(viewer, on.asset),
    "jobs.ingest.rerun": lambda viewer, on: ingest.rerun(viewer, on.asset),
    "jobs.ingest.rerun_collection": lambda viewer, on: ingest.rerun_collection(viewer, on.asset.collection_id),
    "jobs.ingest.retry_segments": lambda viewer, on: ingest.retry_segments(viewer, on.asset),
    "jobs.ingest.cancel": lambda viewer, on: ingest.cancel(viewer, on.job),
    "jobs.ingest.retry": lambda viewer, on: ingest.retry(viewer, on.job),
    "links.ingest_for": lambda viewer, on: link_services.ingest_for(viewer, on.job, io.BytesIO(essence(b"new"))),
    "links.link": lambda viewer, on: link_services.link(viewer, on.job, on.asset),
    "links.unlink": lambda viewer, on: link_services.unlink(viewer, on.job),
    "search.indexing.index_asset": lambda viewer, on: indexing.index_asset(viewer, on.asset),
    "search.indexing.index_pending": lambda viewer, on: indexing.index_pending(viewer),
    "search.indexing.forget": lambda viewer, on: indexing.forget(viewer, str(on.asset.id)),
    "search.indexing.reindex": lambda viewer, on: indexing.reindex(viewer),
    "search.mending.verify": lambda viewer, on: mending.verify(viewer),
    "search.mending.repair": lambda viewer, on: mending.repair(viewer),
    "search.mending.catch_up": lambda viewer, on: mending.catch_up(viewer),
    "search.mending.is_behind": lambda viewer, on: mending.is_behind(viewer),
    "search.saving.look_again": lambda viewer, on: saving.look_again(viewer, [on.asset.id]),
}
"""Every service that a door calls: place and name below ``services`` → a call of it that the system may make."""

OWN: dict[str, Callable[[Viewer], Any]] = {
    "search.saving.save_search": lambda viewer: saving.save_search(viewer, "Night", "night"),
    "search.saving.delete_search": lambda viewer: saving.delete_search(viewer, "Night"),
    "search.saving.note_looked": lambda viewer: saving.note_looked(viewer, "Night"),
}
"""Services that change only what somebody keeps for themselves: whoever may look may."""


@pytest.mark.parametrize("what", OWN)
def test_who_may_not_look_keeps_nothing(what: str):
    with pytest.raises(ForbiddenError):
        OWN[what](Viewer(actions=frozenset()))


def test_every_service_is_among_the_changes():
    there = set()
    for module in pkgutil.walk_packages(services.__path__, f"{services.__name__}."):
        place = importlib.import_module(module.name)
        own = [each for name, each in inspect.getmembers(place, inspect.isfunction) if each.__module__ == place.__name__ and name[0] != "_"]
        named = {f"{module.name.removeprefix(f'{services.__name__}.')}.{each.__name__}" for each in own if "viewer" in signature(each)}
        there |= named
    assert there == set(CHANGES) | set(OWN)


def signature(function: Callable[..., Any]) -> list[str]:
    return list(inspect.signature(function).parameters)[:1]


@pytest.mark.parametrize("what", CHANGES)
def test_who_may_only_look_changes_nothing(what: str, ours: Shelf):
    onlooker = dataclasses.replace(ours.viewer, actions=frozenset([Action.VIEW, Action.EXPORT]))
    with pytest.raises(ForbiddenError):
        CHANGES[what](onlooker, ours)
    assert Asset.objects.get().title == "ours" and ScriptRevision.objects.count() == 1 and Job.objects.get().state == "queued"


@pytest.mark.parametrize("what", [what for what in CHANGES if what != "links.unlink"])
def test_nobody_changes_what_they_do_not_see(what: str, ours: Shelf, theirs: Shelf):
    """``unlink`` names a row of the site's own, which the site has guarded."""
    with pytest.raises((ForbiddenError, NotFoundError)):
        CHANGES[what](ours.viewer, theirs)
    theirs.asset.refresh_from_db()
    assert theirs.asset.title == "theirs" and theirs.asset.revisions.count() == 1


def test_a_film_that_is_elsewhere_already_is_not_handed_out(ours: Shelf, theirs: Shelf):
    with pytest.raises(ForbiddenError):
        assets.register_upload(ours.viewer, io.BytesIO(essence(b"theirs")), "mine.mp4", collection=ours.asset.collection_id)


def test_who_may_not_export_gets_no_file(ours: Shelf):
    with pytest.raises(ForbiddenError):
        script_selectors.deliverable(Viewer(actions=frozenset([Action.VIEW])), ours.asset.id)


def test_the_doors_answer_403(ours: Shelf, client: Client, monkeypatch):
    onlooker = dataclasses.replace(ours.viewer, actions=frozenset([Action.VIEW]))
    monkeypatch.setattr("omniscript_mam.api.base.viewer_of", lambda request: onlooker)
    monkeypatch.setattr("omniscript_mam.web.views.jobs.viewer_of", lambda request: onlooker)
    refused = client.post(f"/api/v1/assets/{ours.asset.id}/rerun")
    assert (refused.status_code, refused.json()["error"]["code"]) == (403, "forbidden")
    assert client.get(f"/api/v1/assets/{ours.asset.id}/script?format=text").status_code == 403
    assert client.get(f"/api/v1/assets/{ours.asset.id}/script").status_code == 200  # shown, not exported
    assert client.get(f"/api/v1/assets/{ours.asset.id}").status_code == 200
    page = client.post(f"/assets/{ours.asset.id}/rerun/")
    assert page.status_code == 403 and "You may not correct here." in page.content.decode()


def test_a_page_of_the_site_stands_where_the_film_is_not_seen(ours: Shelf, theirs: Shelf, rf, monkeypatch):
    monkeypatch.setattr("omniscript_mam.templatetags.omniscript.viewer_of", lambda request: ours.viewer)
    page = Template("{% load omniscript %}{% omniscript_script film %}")
    monkeypatch.setattr("omniscript_mam.web.views.asset.viewer_of", lambda request: ours.viewer)
    shown, hidden = (page.render(Context({"film": each.asset, "request": rf.get("/")})) for each in (ours, theirs))
    assert "gatekeepers" in shown and "gatekeepers" not in hidden and "There is no film yet." in hidden


def test_a_user_of_the_site_is_the_author_of_corrections(ours: Shelf, client: Client):
    client.force_login(get_user_model().objects.create_user("eep"))
    address = f"/api/v1/assets/{ours.asset.id}/characters/{first_person(ours.asset)}"
    answer = client.patch(address, {"name": "Ugga", "revision": 1}, content_type="application/json")
    assert answer.status_code == 200, answer.content
    revision = ScriptRevision.objects.get(number=2)
    assert (revision.writer, revision.author) == ("person", "eep")
    assert any(person["naming_evidence"] == "corrected by eep" for person in revision.document["characters"])
