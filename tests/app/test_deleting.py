"""Anything can be deleted, with what is lost named first; a failed rerun leaves a film its script; wrong names are said at once."""

from __future__ import annotations

import io

import pytest

from omniscript_mam.errors import NotMediaError, WriterNameError
from omniscript_mam.models import Asset, Job, State
from omniscript_mam.selectors import library
from omniscript_mam.selectors.assets import loss_of
from omniscript_mam.services.archive import assets, scripts
from omniscript_mam.services.jobs import ingest
from omniscript_mam.viewer import EVERYBODY
from tests.essences import essence

from .test_web_pages import small_script

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def asset(no_broker) -> Asset:
    return assets.register_upload(EVERYBODY, io.BytesIO(essence(b"film")), "harbour.mkv", title="Harbour")[0]


def finish(job: Job, state: str, **values: object) -> None:
    Job.objects.filter(id=job.id).update(state=state, **values)


def test_the_page_names_what_is_lost_and_deletes(client, asset):
    scripts.store_revision(EVERYBODY, asset, small_script(), "lite", "0.1", wake=False)
    scripts.store_revision(EVERYBODY, asset, small_script(), "person", "", wake=False)
    address = f"/assets/{asset.id}/delete/"
    html = client.get(address).content.decode()
    assert "“harbour.mkv”" in html and "2 revisions, 1 of them corrections" in html
    assert Asset.objects.exists(), "looking deletes nothing"
    assert client.post(address)["Location"] == "/"
    assert not Asset.objects.exists()
    assert client.get(address).status_code == 404


def test_a_running_film_is_not_deleted(client, asset):
    finish(ingest.enqueue(EVERYBODY, asset), State.RUNNING)
    assert client.post(f"/assets/{asset.id}/delete/").status_code == 409
    assert Asset.objects.exists()


def test_a_failed_film_can_be_deleted_from_its_card(client, asset):
    finish(ingest.enqueue(EVERYBODY, asset), State.FAILED, error="It is broken.", remedy="Mend it.")
    assert f"/assets/{asset.id}/delete/" in client.get("/").content.decode()
    assert loss_of(EVERYBODY, asset.id).num_revisions == 0


@pytest.mark.parametrize("state", [State.FAILED, State.CANCELLED])
def test_a_lost_rerun_leaves_a_film_with_its_script(client, asset, state):
    finish(ingest.enqueue(EVERYBODY, asset), State.DONE)
    scripts.store_revision(EVERYBODY, asset, small_script(), "lite", "0.1", wake=False)
    finish(ingest.rerun(EVERYBODY, asset), state, error="No memory." if state == State.FAILED else "")
    card = library.cards(EVERYBODY, [asset])[0]
    assert (card.state, card.is_last_run_lost, card.job.state) == ("done", True, state)
    for name, total in (("done", 1), (state, 0)):  # the filter says what the card says
        assert client.get("/api/v1/assets", {"state": name}).json()["total"] == total
    assert [found.id for found in library.library(EVERYBODY, state="ready").rows] == [str(asset.id)]
    assert library.library(EVERYBODY, state="failed").total == 0
    html = client.get("/").content.decode()
    assert "Ready" in html and "the last run" in html and "Script of" in html
    assert "is kept" in client.get(f"/assets/{asset.id}/").content.decode()
    finish(asset.jobs.first(), State.DONE)
    assert not library.cards(EVERYBODY, [asset])[0].is_last_run_lost


def test_a_film_without_a_script_has_failed(asset):
    finish(ingest.enqueue(EVERYBODY, asset), State.FAILED)
    assert library.cards(EVERYBODY, [asset])[0].state == "failed"
    assert library.library(EVERYBODY, state="failed").total == 1
    assert library.library(EVERYBODY, state="ready").total == 0


def test_a_wrong_writer_is_said_before_anything_is_kept_or_queued(asset):
    with pytest.raises(WriterNameError) as caught:
        assets.register_upload(EVERYBODY, io.BytesIO(essence(b"more")), "more.mkv", options={"writer": "ghost"})
    assert "tiny" in caught.value.remedy and "ghost" in str(caught.value)
    with pytest.raises(WriterNameError):
        ingest.rerun(EVERYBODY, asset, "ghost")
    Asset.objects.update(options={"writer": "ghost"})
    with pytest.raises(WriterNameError):
        ingest.enqueue(EVERYBODY, Asset.objects.get())
    assert (Asset.objects.count(), Job.objects.count()) == (1, 0)


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("notes.txt", b"Notes of a meeting.\n", "a text file"),
        ("photo.jpg", b"\xff\xd8\xff\xe0" + bytes(100), "a still picture (JPEG)"),
        ("scan.png", b"\x89PNG\r\n\x1a\n" + bytes(100_000), "a still picture (PNG)"),
        ("long.txt", b"Letters to a friend.\n" * 40_000, "a text file"),
        ("list.m3u8", b"#EXTM3U\nhttp://127.0.0.1/a.ts\n", "playlist"),
    ],
)
def test_what_is_no_film_is_refused_at_the_door(client, data_folder, no_broker, name, content, words):
    def named() -> io.BytesIO:
        file = io.BytesIO(content)
        file.name = name
        return file

    with pytest.raises(NotMediaError, match="Nothing of it was kept"):
        assets.register_upload(EVERYBODY, named(), name)
    answers = [
        client.post("/api/v1/assets", {"file": named()}).json()["error"],
        client.post("/upload/", {"files": named()}, headers={"Accept": "application/json"}).json()["error"],
    ]
    for error in answers:
        assert error["code"] == "upload.not_media"
        assert words in error["message"] and name in error["message"] and error["remedy"]
    form = client.post("/upload/", {"files": [named(), io.BytesIO(essence(b"a film"))]})
    assert form.status_code == 201 and words in form.content.decode()
    assert Asset.objects.count() == 1, "the film beside it is taken"
    assert [path.name for path in (data_folder / "incoming").iterdir()] == []
