"""The API: upload, library, script, jobs, search; errors of one shape; other sites' pages kept out."""

from __future__ import annotations

import io

import pytest

from omniscript_mam.models import Job
from omniscript_mam.services.jobs import running
from omniscript_mam.steps import STEPS
from tests.essences import essence

pytestmark = pytest.mark.django_db(transaction=True)


def named(content: bytes, name: str) -> io.BytesIO:
    file = io.BytesIO(content)
    file.name = name
    return file


def upload(client, content: bytes = essence(b"film"), name: str = "film.mp4", **fields):
    return client.post("/api/v1/assets", {"file": named(content, name), **fields})


def error(response, status: int) -> str:
    assert response.status_code == status
    answer = response.json()["error"]
    assert answer["message"]
    assert answer["remedy"]
    return answer["code"]


def test_from_upload_to_search(client, film, no_broker):
    response = upload(client, film.read_bytes(), "test card.mp4", title="Test card", languages="en, zh")
    assert response.status_code == 201
    asset, job = response.json()["asset"], response.json()["job"]
    assert (asset["title"], job["state"]) == ("Test card", "queued")
    assert upload(client, film.read_bytes()).status_code == 200  # the same bytes
    assert error(client.get(f"/api/v1/assets/{asset['id']}/script"), 404) == "not_found"
    running.run(job["id"])
    shown = client.get(f"/api/v1/assets/{asset['id']}").json()
    assert (shown["state"], shown["revision"], shown["has_script"]) == ("done", 1, True)
    assert shown["duration_s"] == pytest.approx(6.0, abs=0.1)
    assert all(client.get(url).status_code == 200 for url in shown["files"].values())
    assert shown["files"]["sprite"].encode() in b"".join(client.get(shown["files"]["sprite_vtt"]).streaming_content)
    script = client.get(f"/api/v1/assets/{asset['id']}/script").json()
    assert len(script["scenes"]) == 3
    assert client.get(f"/api/v1/assets/{asset['id']}/script?format=official&revision=1").status_code == 200
    hits = client.get("/api/v1/search", {"q": "loudness"}).json()["hits"]
    assert {hit["asset_id"] for hit in hits} == {asset["id"]}
    assert client.get("/api/v1/search", {"q": "loudness", "asset": asset["id"], "limit": 1}).json()["total"] >= 1
    detail = client.get(f"/api/v1/jobs/{job['id']}").json()
    assert [step["state"] for step in detail["steps"]] == ["done"] * len(STEPS)
    assert len(detail["segments"]) == 3
    assert client.delete(f"/api/v1/assets/{asset['id']}").status_code == 204
    assert client.get("/api/v1/search", {"q": "loudness"}).json()["hits"] == []


def test_lists_are_pages(client, no_broker):
    for number in range(5):
        upload(client, essence(b"film %d" % number), f"Film {number}.mp4")
    page = client.get("/api/v1/assets", {"limit": 2, "offset": 1}).json()
    assert (page["total"], page["offset"], page["limit"]) == (5, 1, 2)
    assert [row["title"] for row in page["results"]] == ["Film 3", "Film 2"]
    assert client.get("/api/v1/assets", {"text": "film 4"}).json()["total"] == 1
    assert client.get("/api/v1/jobs", {"state": "queued"}).json()["total"] == 5


def test_the_number_of_queries_does_not_grow_with_the_list(client, no_broker, django_assert_max_num_queries):
    for number in range(12):
        upload(client, essence(b"film %d" % number), f"Film {number}.mp4")
    with django_assert_max_num_queries(8):
        assert len(client.get("/api/v1/assets").json()["results"]) == 12
    with django_assert_max_num_queries(4):
        assert len(client.get("/api/v1/jobs").json()["results"]) == 12


def test_jobs_are_cancelled_and_retried(client, no_broker):
    job = upload(client).json()["job"]
    assert client.post(f"/api/v1/jobs/{job['id']}/cancel").json()["state"] == "cancelled"
    assert client.post(f"/api/v1/jobs/{job['id']}/retry").json()["state"] == "queued"
    Job.objects.update(state="done")
    assert error(client.post(f"/api/v1/jobs/{job['id']}/retry"), 409) == "conflict"
    assert client.post(f"/api/v1/assets/{job['asset_id']}/rerun").status_code == 202


def test_errors_have_one_shape(client, settings, no_broker):
    nowhere = "00000000-0000-0000-0000-000000000000"
    assert error(client.get(f"/api/v1/assets/{nowhere}"), 404) == "not_found"
    assert error(client.get(f"/api/v1/jobs/{nowhere}"), 404) == "not_found"
    assert error(client.post("/api/v1/assets", {"title": "no file"}), 400) == "request.parameter"
    assert error(client.post("/api/v1/assets", "{}", content_type="application/json"), 415) == "request.unsupported_media_type"
    assert error(client.get("/api/v1/assets", {"limit": "1000"}), 400) == "request.parameter"
    assert error(client.get("/api/v1/assets", {"offset": "²"}), 400) == "request.parameter"
    assert error(client.put("/api/v1/assets"), 405) == "request.method_not_allowed"
    assert error(upload(client, b"", "empty.mp4"), 400) == "upload.empty"
    assert error(upload(client, essence(b"x"), writer="ghost"), 400) == "request.writer"
    settings.OMNISCRIPT = {**settings.OMNISCRIPT, "QUOTA_BYTES": 3}
    assert error(upload(client, essence(b"too much")), 507) == "upload.storage_full"
    settings.OMNISCRIPT = {**settings.OMNISCRIPT, "MAX_UPLOAD_BYTES": 2}
    assert error(upload(client, essence(b"large")), 413) == "upload.too_large"
    assert client.get("/api/v1/assets").json()["total"] == 0


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 201),
        ({"origin": "http://testserver"}, 201),
        ({"sec-fetch-site": "same-origin"}, 201),
        ({"origin": "https://evil.example"}, 403),
        ({"origin": "null"}, 403),
        ({"sec-fetch-site": "cross-site"}, 403),
    ],
)
def test_other_sites_pages_change_nothing(client, no_broker, headers, status):
    response = client.post("/api/v1/assets", {"file": named(essence(b"film"), "film.mp4")}, headers=headers)
    assert response.status_code == status
    assert status == 201 or error(response, 403) == "request.origin"


def test_headers_confine_the_page(client):
    response = client.get("/api/v1/")
    assert "default-src 'self'" in response["Content-Security-Policy"]
    assert "unsafe-eval" not in response["Content-Security-Policy"]
    assert (response["X-Frame-Options"], response["X-Content-Type-Options"]) == ("DENY", "nosniff")


def test_another_host_name_is_refused(client):
    assert client.get("/api/v1/", headers={"host": "rebound.example"}).status_code == 400


@pytest.fixture
def damaged_index(monkeypatch):
    """Search as it is while the index cannot be read."""
    from omniscript_mam.api import search as api_search
    from omniscript_mam.web.views import search as page_search
    from search.errors import IndexDamagedError

    def fail(*arguments, **named):
        raise IndexDamagedError("The index cannot be read.")

    monkeypatch.setattr(api_search, "search", fail)
    monkeypatch.setattr(page_search, "search", fail)


def test_a_damaged_index_is_not_the_callers_fault(client, damaged_index):
    assert error(client.get("/api/v1/search", {"q": "anything"}), 503) == "index.damaged"
    page = client.get("/search/", {"q": "anything"})
    assert (page.status_code, "omniscript index rebuild" in page.content.decode()) == (503, True)
    part = client.get("/search/", {"q": "anything"}, headers={"hx-target": "results"})
    assert (part.status_code, "omniscript index rebuild" in part.content.decode()) == (200, True), "htmx shows only what succeeds"


def test_a_script_in_every_format(client, film, no_broker):
    job = upload(client, film.read_bytes(), "test card.mp4").json()["job"]
    running.run(job["id"])
    address = f"/api/v1/assets/{job['asset_id']}/script"
    types = {name: client.get(f"{address}?format={name}")["Content-Type"] for name in ("json", "official", "text", "vtt")}
    assert types == {
        "json": "application/json",
        "official": "application/json",
        "text": "text/plain; charset=utf-8",
        "vtt": "text/vtt; charset=utf-8",
    }
    assert client.get(f"{address}?format=text").content.decode().startswith("TEST CARD\n")
    assert error(client.get(f"{address}?format=ghost"), 400) == "request.parameter"
