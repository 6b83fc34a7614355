"""Collections over HTTP: made, changed, filled and dissolved; uploads and filters by them; whose writer writes next."""

from __future__ import annotations

import uuid

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from omniscript_mam.models import Asset, Collection, Job, State
from omniscript_mam.services.archive import scripts
from omniscript_mam.services.jobs import ingest
from omniscript_mam.viewer import EVERYBODY
from tests.essences import essence

from .test_web_pages import make_asset, small_script

pytestmark = pytest.mark.django_db

FORM = {"name": "Trailers", "description": "Short films", "writer": "tiny", "strategy": "lce"}


def make(client: Client, **changes: str) -> Collection:
    response = client.post("/collections/", {**FORM, **changes})
    assert response.status_code == 302, response.content.decode()
    return Collection.objects.get(name=changes.get("name", FORM["name"]))


def test_a_collection_is_made_listed_and_changed(client: Client) -> None:
    made = make(client)
    assert (made.writer, made.options) == ("tiny", {"hints": False, "strategy": "lce"})
    page = client.get("/collections/").content.decode()
    assert "Trailers" in page and "0 films" in page and "written by tiny" in page
    address = f"/collections/{made.id}/"
    shown = client.get(address).content.decode()
    assert 'name="writer" value="tiny" checked' in shown and '<option value="lce" selected>' in shown
    saved = client.post(address, {**FORM, "writer": "", "hints": "1"}, follow=True).content.decode()
    assert "Saved." in saved and 'name="writer" value="" checked' in saved
    made.refresh_from_db()
    assert (made.writer, made.options["hints"]) == ("", True)


def test_writers_say_what_they_perceive_and_what_is_missing(client: Client, settings) -> None:
    page = client.get("/collections/").content.decode()
    assert "Sees the pictures and hears the sound." in page and "Footage stays on this machine." in page
    assert "No endpoint is declared." in page and "OMNISCRIPT_ENDPOINTS" in page


@pytest.mark.parametrize(
    ("changes", "said"), [({"name": " "}, "name"), ({"writer": "nobody"}, "nobody")], ids=["no name", "unknown writer"]
)
def test_a_form_that_cannot_be_is_shown_again_with_why(client: Client, changes: dict[str, str], said: str) -> None:
    response = client.post("/collections/", {**FORM, **changes})
    page = response.content.decode()
    assert response.status_code >= 400 and 'role="alert"' in page and said in page
    assert "Short films" in page, "what was typed is still there"
    assert not Collection.objects.exists()


def test_two_collections_of_one_name_conflict(client: Client) -> None:
    first = make(client)
    assert client.post("/collections/", FORM).status_code == 409
    other = make(client, name="Reels")
    response = client.post(f"/collections/{other.id}/", {**FORM, "name": first.name})
    assert response.status_code == 409 and b'role="alert"' in response.content


def test_unknown_collections_are_not_found(client: Client) -> None:
    nowhere = f"/collections/{uuid.uuid4()}/"
    for address in (nowhere, nowhere + "rewrite/", nowhere + "delete/"):
        response = client.post(address, FORM)
        assert response.status_code == 404 and b"There is no collection" in response.content
    assert client.get(nowhere).status_code == 404
    asset = make_asset()
    for wrong in (str(uuid.uuid4()), "nonsense"):
        assert client.post("/collections/move/", {"asset": str(asset.id), "collection": wrong}).status_code == 404
    assert client.post("/collections/move/", {"asset": str(uuid.uuid4()), "collection": str(make(client).id)}).status_code == 404
    assert client.get("/", {"collection": "nonsense"}).status_code == 200
    assert client.get("/collections/move/").status_code == 405


def test_films_are_moved_and_the_library_filtered(client: Client) -> None:
    inside, outside = make_asset("Inside", b"1"), make_asset("Outside", b"2")
    made = make(client)
    response = client.post("/collections/move/", {"asset": [str(inside.id)], "collection": str(made.id), "next": "/?text=x"})
    assert response.url == "/?text=x"
    only = client.get("/", {"collection": str(made.id)}).content.decode()
    assert "Inside" in only and "Outside" not in only
    rest = client.get("/", {"collection": "none"}).content.decode()
    assert "Outside" in rest and f"card-{inside.id}" not in rest
    assert "1 film<" in client.get("/collections/").content.decode()
    client.post("/collections/move/", {"asset": [str(inside.id), str(outside.id)], "collection": ""})
    assert not Asset.objects.filter(collection__isnull=False).exists()


def test_an_upload_goes_into_the_chosen_collection_and_its_writer_writes(client: Client, settings) -> None:
    settings.OMNISCRIPT = {**settings.OMNISCRIPT, "WRITER": "broken"}
    made = make(client)
    response = client.post(
        "/upload/",
        {"files": SimpleUploadedFile("a.mp4", essence(b"a")), "collection": str(made.id)},
        headers={"Accept": "application/json"},
    )
    assert response.status_code == 201
    job = Job.objects.get()
    assert (job.asset.collection_id, job.writer) == (made.id, "tiny")
    refused = client.post(
        "/upload/",
        {"files": SimpleUploadedFile("b.mp4", essence(b"b")), "collection": str(uuid.uuid4())},
        headers={"Accept": "application/json"},
    )
    assert refused.status_code == 404 and Asset.objects.count() == 1


def test_writing_again_makes_a_job_of_every_film(client: Client) -> None:
    made = make(client, writer="")
    for number in range(2):
        asset = make_asset(f"Film {number}", bytes([number]))
        Job.objects.filter(id=ingest.enqueue(EVERYBODY, asset).id).update(state=State.DONE)
        scripts.store_revision(EVERYBODY, asset, small_script(), "lite", "1.0", wake=False)
        client.post("/collections/move/", {"asset": str(asset.id), "collection": str(made.id)})
    page = client.post(f"/collections/{made.id}/", {**FORM, "writer": "tiny"}, follow=True).content.decode()
    assert "Scripts that are there stay as they are" in page and "Write 2 films again" in page and "by lite 1.0" in page
    assert not Job.objects.filter(kind="rerun").exists(), "a change of the writer alone writes nothing"
    assert client.post(f"/collections/{made.id}/rewrite/").url == "/jobs/"
    assert list(Job.objects.filter(kind="rerun").values_list("writer", flat=True)) == ["tiny", "tiny"]


def test_a_dissolved_collection_leaves_its_films(client: Client) -> None:
    asset, made = make_asset(), make(client)
    client.post("/collections/move/", {"asset": str(asset.id), "collection": str(made.id)})
    assert client.post(f"/collections/{made.id}/delete/").url == "/collections/"
    asset.refresh_from_db()
    assert asset.collection_id is None and not Collection.objects.exists()
