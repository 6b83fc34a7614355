"""The shape of every answer of the API, field by field: what other programs rely on. ``wire.json`` holds it, address by address.

A field that is added, lost, renamed or changes its type fails here. Where that is meant, the file is edited by hand.
"""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest

from omniscript_mam.models import Asset
from omniscript_mam.script import Character, from_data
from omniscript_mam.services.archive import sidecars
from omniscript_mam.services.archive.scripts import store_revision
from omniscript_mam.services.jobs import running
from omniscript_mam.viewer import EVERYBODY

from .test_api import upload

pytestmark = pytest.mark.django_db(transaction=True)

WIRE = Path(__file__).with_name("wire.json")
OPAQUE = {"addresses", "media_info", "options", "provenance"}
"""Objects whose keys are somebody else's: the list of addresses, what the probe found, a writer's options, names of fields."""

NAMES = {str: "text", bool: "yes or no", int: "number", float: "number", type(None): "nothing"}


def shape(value: Any) -> Any:
    """A JSON value with its type in place of each leaf; of a list the shape that holds for all of it."""
    if isinstance(value, dict):
        return {key: "object" if key in OPAQUE else shape(value[key]) for key in sorted(value)}
    if isinstance(value, list):
        shapes = [shape(each) for each in value]
        return [merged(shapes)] if shapes else []
    return NAMES[type(value)]


def merged(shapes: list[Any]) -> Any:
    if all(isinstance(each, dict) for each in shapes):
        return {key: merged([each[key] for each in shapes if key in each]) for key in sorted({key for each in shapes for key in each})}
    if all(isinstance(each, list) for each in shapes):
        inner = [each[0] for each in shapes if each]
        return [merged(inner)] if inner else []
    return " or ".join(sorted({str(each) for each in shapes}))


def answers(client, film) -> dict[str, Any]:
    """One answer of every address that answers JSON."""
    made: dict[str, Any] = {}

    def keep(name: str, response, status: int = 200) -> Any:
        assert response.status_code == status, (name, response.content)
        made[name] = shape(response.json())
        return response.json()

    def send(method: str, address: str, body: dict[str, Any]):
        return getattr(client, method)(address, json.dumps(body), content_type="application/json")

    keep("GET /", client.get("/api/v1/"))
    uploaded = keep("POST /assets", upload(client, film.read_bytes(), "test card.mp4"), 201)
    asset, job = uploaded["asset"]["id"], uploaded["job"]["id"]
    running.run(job)
    keep("GET /assets", client.get("/api/v1/assets"))
    keep("GET /assets/{id}", client.get(f"/api/v1/assets/{asset}"))
    sidecars.attach_sidecar(EVERYBODY, Asset.objects.get(id=asset), io.BytesIO(b"1\n00:00:01,000 --> 00:00:02,000\nHello.\n"), "card.srt")
    keep("GET /assets/{id}/subtitles", client.get(f"/api/v1/assets/{asset}/subtitles"))
    keep("PATCH /assets/{id}", send("patch", f"/api/v1/assets/{asset}", {"title": "Card"}))
    script = keep("GET /assets/{id}/script", client.get(f"/api/v1/assets/{asset}/script"))
    keep("GET /assets/{id}/script?format=official", client.get(f"/api/v1/assets/{asset}/script?format=official"))
    written = from_data(script)
    written.characters.append(Character(id="char_zoe", name="Zoe", named=True))
    store_revision(EVERYBODY, Asset.objects.get(id=asset), written, "tiny", "1")
    first, second = written.characters[0].id, "char_zoe"
    people = f"/api/v1/assets/{asset}/characters"
    person = keep("PATCH …/characters/{id}", send("patch", f"{people}/{first}", {"revision": 2, "name": "Ada"}))
    keep("GET …/characters/{id}/merge", client.get(f"{people}/{second}/merge", {"into": person["id"]}))
    keep("POST …/characters/{id}/merge", send("post", f"{people}/{second}/merge", {"revision": 3, "into": person["id"]}))
    keep("POST /assets/{id}/undo", send("post", f"/api/v1/assets/{asset}/undo", {"revision": 4}))
    keep("POST /assets/{id}/redo", send("post", f"/api/v1/assets/{asset}/redo", {"revision": 5}))
    keep("POST /assets/{id}/revisions/{n}/restore", send("post", f"/api/v1/assets/{asset}/revisions/2/restore", {"revision": 6}))
    keep("GET /assets/{id}/revisions", client.get(f"/api/v1/assets/{asset}/revisions"))
    keep("GET /assets/{id}/revisions/{n}/changes", client.get(f"/api/v1/assets/{asset}/revisions/4/changes", {"against": 2}))
    send("post", f"/api/v1/assets/{asset}/undo", {"revision": 7})
    keep("a conflict", send("patch", f"{people}/{person['id']}", {"revision": 2, "name": "Eva"}), 409)
    anew = from_data(script)
    anew.scenes, anew.characters = [], [Character(id="char_zoe", name="Zoe", named=True)]
    store_revision(EVERYBODY, Asset.objects.get(id=asset), anew, "tiny", "2")
    waiting = keep("GET /assets/{id}/corrections", client.get(f"/api/v1/assets/{asset}/corrections"))["results"][0]["key"]
    keep("POST /assets/{id}/corrections/{key}", send("post", f"/api/v1/assets/{asset}/corrections/{waiting}", {"revision": 9, "part": ""}))
    keep("GET /jobs", client.get("/api/v1/jobs"))
    keep("GET /jobs/{id}", client.get(f"/api/v1/jobs/{job}"))
    keep("GET /search", client.get("/api/v1/search", {"q": "loudness by day"}))
    keep("GET /search/completions", client.get("/api/v1/search/completions", {"q": "Car"}))
    kept = keep(
        "POST /saved-searches",
        send("post", "/api/v1/saved-searches", {"name": "Day", "text": "loudness", "filters": {"time": ["Day"]}}),
        201,
    )
    keep("GET /saved-searches", client.get("/api/v1/saved-searches"))
    keep("GET /saved-searches/{id}", client.get(f"/api/v1/saved-searches/{kept['id']}"))
    keep("POST /assets/{id}/retry-segments", send("post", f"/api/v1/assets/{asset}/retry-segments", {"indexes": [0]}), 202)
    keep("POST /jobs/{id}/cancel", client.post(f"/api/v1/jobs/{client.get('/api/v1/jobs').json()['results'][0]['id']}/cancel"))
    keep("POST /jobs/{id}/retry", client.post(f"/api/v1/jobs/{client.get('/api/v1/jobs').json()['results'][0]['id']}/retry"))
    keep("POST /assets/{id}/rerun", client.post(f"/api/v1/assets/{asset}/rerun"), 202)
    collection = keep("POST /collections", send("post", "/api/v1/collections", {"name": "Cards"}), 201)["id"]
    keep("GET /collections", client.get("/api/v1/collections"))
    keep("GET /collections/{id}", client.get(f"/api/v1/collections/{collection}"))
    keep("PATCH /collections/{id}", send("patch", f"/api/v1/collections/{collection}", {"description": "All of them"}))
    keep("GET /writers", client.get("/api/v1/writers"))
    keep("an error", client.get("/api/v1/assets/00000000-0000-0000-0000-000000000000"), 404)
    return made


def test_every_answer_has_the_fields_that_are_pinned(client, film, no_broker):
    pinned = json.loads(WIRE.read_text(encoding="utf-8"))
    given = answers(client, film)
    assert sorted(given) == sorted(pinned)
    for name, fields in given.items():
        assert fields == pinned[name], name
