"""The pages over HTTP: what they hold, what they refuse, and that polling is answered only when something changed."""

from __future__ import annotations

import io
import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from omniscript_mam.models import Asset, Job, State, Step
from omniscript_mam.script import Character, Event, Meta, Scene, Script
from omniscript_mam.services.archive import assets, scripts
from omniscript_mam.services.jobs import ingest
from omniscript_mam.services.search import indexing
from omniscript_mam.viewer import EVERYBODY
from tests.essences import essence

pytestmark = pytest.mark.django_db


def make_asset(title: str = "Harbour", content: bytes = b"film") -> Asset:
    return assets.register_upload(EVERYBODY, io.BytesIO(essence(content)), f"{title}.mp4")[0]


def small_script(line: str = "The light goes out.") -> Script:
    events = [Event(id="e1", start_s=1, end_s=2, character_id="char_mara", dialogue=line)]
    scene = Scene(id="s1", start_s=0, end_s=9, location="Pier", time="Night", events=events)
    people = [Character(id="char_mara", name="Mara <b>", named=True)]
    return Script(meta=Meta(duration_s=9, frame_rate="25"), characters=people, scenes=[scene])


def pulse_address(html: str) -> str:
    return re.search(r'id="pulse" hx-get="([^"]+)"', html)[1].replace("&amp;", "&")


@pytest.mark.parametrize("address", ["/", "/search/", "/jobs/", "/collections/"])
def test_pages_answer_with_a_strict_policy(client: Client, address: str) -> None:
    response = client.get(address)
    html = response.content.decode()
    assert response.status_code == 200
    assert "script-src 'self'" in response["Content-Security-Policy"]
    assert not re.search(r"<script(?![^>]*\bsrc=)", html), "an inline script"
    assert not re.search(r"\sstyle=|<style|\son[a-z]+=|javascript:", html), "an inline style or handler"
    assert "//" not in re.sub(r'http://www\.w3\.org/[^"]*', "", " ".join(re.findall(r'(?:src|href)="([^"]*)"', html))), "another site"


def test_library_shows_sorts_and_filters(client: Client) -> None:
    for title in ("Bravo", "Alpha"):
        ingest.enqueue(EVERYBODY, make_asset(title, title.encode()))
    Job.objects.filter(asset__title="Alpha").update(state=State.DONE)
    by_title = client.get("/", {"sort": "title"}).content.decode()
    assert by_title.index("Alpha") < by_title.index("Bravo")
    assert "Alpha" not in client.get("/", {"state": "working"}).content.decode()
    only = client.get("/", {"text": "alph"}, headers={"HX-Request": "true", "HX-Target": "shelf"}).content.decode()
    assert "Alpha" in only and "Bravo" not in only and "<html" not in only
    assert "No film fits this filter" in client.get("/", {"text": "zzz"}).content.decode()


def test_pulse_sends_only_what_changed(client: Client) -> None:
    busy, idle = (ingest.enqueue(EVERYBODY, make_asset(title, title.encode())) for title in ("Busy", "Idle"))
    address = pulse_address(client.get("/").content.decode())
    assert client.get(address).status_code == 204
    Job.objects.filter(id=busy.id).update(state=State.RUNNING, progress=0.3)
    Step.objects.filter(job=busy, name="survey").update(state=State.RUNNING, progress=0.5, message="minute 3")
    html = client.get(address).content.decode()
    assert f'id="card-{busy.asset_id}"' in html and "minute 3" in html and 'hx-swap-oob="true"' in html
    assert f"card-{idle.asset_id}" not in html
    assert client.get(pulse_address(html)).status_code == 204
    make_asset("New", b"new")
    response = client.get(address)
    assert response["HX-Retarget"] == "#shelf" and "New" in response.content.decode()


def test_progress_of_an_asset_until_its_script(client: Client) -> None:
    asset = make_asset()
    job = ingest.enqueue(EVERYBODY, asset)
    html = client.get(f"/assets/{asset.id}/").content.decode()
    address = re.search(r'hx-get="(/assets/[^"]+)"', html)[1].replace("&amp;", "&")
    assert client.get(address).status_code == 204
    scripts.store_revision(EVERYBODY, asset, small_script(), "lite", "0.1", wake=False)
    Job.objects.filter(id=job.id).update(state=State.DONE, progress=1.0)
    html = client.get(address).content.decode()
    assert "The light goes out." in html and 'id="side"' in html
    assert "progress/?" not in html, "a finished job is not asked about again"


def test_upload_json_and_form(client: Client) -> None:
    film = SimpleUploadedFile("my_film.mp4", essence(b"film"))
    response = client.post("/upload/", {"files": film}, headers={"Accept": "application/json"})
    assert response.status_code == 201
    assert response.json()["files"][0]["created"] is True
    copy = SimpleUploadedFile("copy.mp4", essence(b"film"))
    again = client.post("/upload/", {"files": copy}, headers={"Accept": "application/json"}).json()
    assert "“copy.mp4”" in again["files"][0]["note"] and "“my_film.mp4”" in again["files"][0]["note"], "both names are told"
    assert again["files"][0]["created"] is False and Asset.objects.count() == 1
    assert client.post("/upload/", {"files": SimpleUploadedFile("b.mp4", essence(b"b"))}).status_code == 302
    empty = client.post("/upload/", {"files": SimpleUploadedFile("no.mp4", b"")}, headers={"Accept": "application/json"})
    assert empty.status_code == 400 and "empty" in empty.json()["error"]["message"]
    assert client.post("/upload/").status_code == 400
    assert Job.objects.count() == 2


def test_upload_too_large_is_refused_by_its_declared_size(client: Client, settings) -> None:
    settings.OMNISCRIPT = {**settings.OMNISCRIPT, "MAX_UPLOAD_BYTES": 1000}
    for accept, kind in (("application/json", "application/json"), ("text/html", "text/html")):
        response = client.post("/upload/", {"files": SimpleUploadedFile("b.mp4", essence(b"b" * (3 << 20)))}, headers={"Accept": accept})
        assert response.status_code == 413
        assert response["Content-Type"].startswith(kind)
    assert Asset.objects.count() == 0
    response = client.post("/upload/", {"files": SimpleUploadedFile("b.mp4", essence(b"b" * 2000))}, headers={"Accept": "application/json"})
    assert response.status_code == 413 and Asset.objects.count() == 0


def test_every_post_needs_its_token() -> None:
    strict = Client(enforce_csrf_checks=True)
    job = ingest.enqueue(EVERYBODY, make_asset())
    asset, anywhere = f"/assets/{job.asset_id}/", f"/collections/{job.asset_id}/"
    jobs = ("/upload/", f"/jobs/{job.id}/cancel/", f"/jobs/{job.id}/retry/", asset + "rerun/", asset + "segments/retry/")
    people = (asset + "characters/char_1/", asset + "undo/")
    collections = ("/collections/", "/collections/move/", anywhere, anywhere + "rewrite/", anywhere + "delete/")
    for address in (*jobs, *people, *collections):
        response = strict.post(address, {"files": SimpleUploadedFile("b.mp4", essence(b"b"))})
        assert response.status_code == 403, address
        assert b"This form is too old." in response.content
    job.refresh_from_db()
    assert job.state == State.QUEUED and Asset.objects.count() == 1


def test_cancel_retry_rerun_and_where_they_lead(client: Client) -> None:
    job = ingest.enqueue(EVERYBODY, make_asset())
    assert client.post(f"/jobs/{job.id}/cancel/", {"next": "/"}).url == "/"
    job.refresh_from_db()
    assert job.state == State.CANCELLED
    assert client.post(f"/jobs/{job.id}/retry/", {"next": "https://elsewhere.example/"}).url == "/jobs/"
    job.refresh_from_db()
    assert job.state == State.QUEUED
    Job.objects.filter(id=job.id).update(state=State.DONE)
    refused = client.post(f"/jobs/{job.id}/retry/")
    assert refused.status_code == 409 and b"The job ended well." in refused.content
    client.post(f"/assets/{job.asset_id}/rerun/")
    assert Job.objects.filter(asset=job.asset_id, kind="rerun", state=State.QUEUED).exists()
    assert client.get(f"/jobs/{job.id}/cancel/").status_code == 405


def test_jobs_are_listed_by_state(client: Client) -> None:
    ingest.enqueue(EVERYBODY, make_asset("Uno", b"1"))
    failed = ingest.enqueue(EVERYBODY, make_asset("Two", b"2"))
    Job.objects.filter(id=failed.id).update(state=State.FAILED, error="It broke.", remedy="Mend it.")
    page = client.get("/jobs/", {"state": "failed"}).content.decode()
    assert "Two" in page and "Mend it." in page and "Uno" not in page
    known = re.search(r"known=(\w+)", client.get("/jobs/").content.decode())[1]
    assert client.get("/jobs/", {"known": known}, headers={"HX-Target": "jobs"}).status_code == 204


def test_captions_are_escaped(client: Client) -> None:
    asset = make_asset()
    assert client.get(f"/assets/{asset.id}/captions.vtt").status_code == 404
    scripts.store_revision(EVERYBODY, asset, small_script("a <i>b</i> --> c & d"), "lite", "0.1", wake=False)
    response = client.get(f"/assets/{asset.id}/captions.vtt")
    assert response["Content-Type"] == "text/vtt; charset=utf-8"
    assert "<v Mara &lt;b&gt;>a &lt;i&gt;b&lt;/i&gt; --&gt; c &amp; d" in response.content.decode()


def test_search_finds_explains_and_pages(client: Client) -> None:
    asset = make_asset()
    scripts.store_revision(EVERYBODY, asset, small_script("Nobody <i>touches</i> the lamp."), "lite", "0.1", wake=False)
    indexing.index_pending(EVERYBODY)
    html = client.get("/search/", {"q": "lamp"}).content.decode()
    assert "<mark>lamp</mark>" in html and "&lt;i&gt;touches" in html and "<i>touches" not in html
    assert f"/assets/{asset.id}/?t=1" in html
    part = client.get("/search/", {"q": "lamp"}, headers={"HX-Target": "results"}).content.decode()
    assert part.lstrip().startswith('<div id="results"')
    assert "No moment fits that." in client.get("/search/", {"q": "xylophone"}).content.decode()
    assert client.get("/search/", {"q": "x" * 5000, "offset": "-3", "location": "'\"<>", "only": "1"}).status_code == 200


def test_unknown_addresses(client: Client) -> None:
    assert client.get("/nothing/").status_code == 404
    missing = "/assets/00000000-0000-0000-0000-000000000000/"
    assert client.get(missing).status_code == 404
    assert client.get(missing + "progress/").status_code == 286, "htmx stops asking"
