"""Byte ranges as players ask for them, and nothing but files of the table."""

from __future__ import annotations

import io

import pytest

from omniscript_mam import storage
from omniscript_mam.api.media import byte_range
from omniscript_mam.models import Rendition
from omniscript_mam.selectors.media import media_url
from omniscript_mam.services.archive import assets
from omniscript_mam.viewer import EVERYBODY
from tests.essences import essence

CONTENT = bytes(range(256)) * 40
pytestmark = pytest.mark.django_db


@pytest.fixture
def rendition(no_broker):
    asset, _ = assets.register_upload(EVERYBODY, io.BytesIO(essence(b"film")), "film.mp4")
    path = storage.renditions_folder(asset.id) / "proxy.mp4"
    path.write_bytes(CONTENT)
    row = {"mime_type": "video/mp4", "num_bytes": len(CONTENT), "sha256": "ab" * 32}
    return Rendition.objects.create(asset=asset, kind="proxy", path=storage.relative(path), **row)


def body(response) -> bytes:
    return b"".join(response.streaming_content) if response.streaming else response.content


def test_the_whole_file(client, rendition):
    response = client.get(media_url(rendition))
    assert (response.status_code, body(response)) == (200, CONTENT)
    assert response["Content-Type"] == "video/mp4"
    assert response["Accept-Ranges"] == "bytes"
    assert "immutable" in response["Cache-Control"]
    assert response["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize(
    ("asked", "start", "end"),
    [
        ("bytes=0-0", 0, 1),
        ("bytes=0-", 0, 10240),
        ("bytes=100-199", 100, 200),
        ("bytes=10200-99999", 10200, 10240),
        ("bytes=-40", 10200, 10240),
        ("bytes=-99999", 0, 10240),
    ],
)
def test_a_part(client, rendition, asked, start, end):
    for method in (client.get, client.head):
        response = method(media_url(rendition), headers={"range": asked})
        assert response.status_code == 206
        assert response["Content-Range"] == f"bytes {start}-{end - 1}/10240"
        assert response["Content-Length"] == str(end - start)
        assert body(response) == (CONTENT[start:end] if method == client.get else b"")


@pytest.mark.parametrize("asked", ["bytes=10240-", "bytes=99999-100000", "bytes=-0"])
def test_a_part_beyond_the_end(client, rendition, asked):
    response = client.get(media_url(rendition), headers={"range": asked})
    assert (response.status_code, response["Content-Range"]) == (416, "bytes */10240")


@pytest.mark.parametrize("asked", ["bytes=5-2", "bytes=a-b", "items=0-5", "bytes=0-1,5-6", "bytes=", "bytes=-"])
def test_what_is_not_understood_gets_the_whole(client, rendition, asked):
    response = client.get(media_url(rendition), headers={"range": asked})
    assert (response.status_code, len(body(response))) == (200, 10240)


def test_conditions(client, rendition):
    tag = client.get(media_url(rendition))["ETag"]
    assert client.get(media_url(rendition), headers={"if-none-match": tag}).status_code == 304
    assert client.get(media_url(rendition), headers={"if-none-match": '"other"'}).status_code == 200
    assert client.get(media_url(rendition), headers={"range": "bytes=0-1", "if-range": tag}).status_code == 206
    assert client.get(media_url(rendition), headers={"range": "bytes=0-1", "if-range": '"old"'}).status_code == 200


def test_addresses_that_lead_nowhere(client, rendition, settings):
    assert client.get(f"/media/{rendition.pk}").status_code == 200
    assert client.get(f"/media/{rendition.pk}/{'0' * 16}").status_code == 404
    assert client.get("/media/999999").status_code == 404
    assert client.get("/media/../omniscript.sqlite3").status_code == 404
    assert client.post(media_url(rendition)).status_code == 405
    (settings.OMNISCRIPT["DATA_DIR"].parent / "secret").write_bytes(b"secret")
    for path in ("../secret", "renditions/gone.mp4", "/etc/passwd", ""):
        Rendition.objects.filter(pk=rendition.pk).update(path=path)
        response = client.get(f"/media/{rendition.pk}")
        assert response.status_code == 404
        assert response.json()["error"]["remedy"]


def test_ranges_by_themselves():
    assert byte_range("bytes=0-4", 3) == (0, 3)
    assert byte_range("bytes=2-", 3) == (2, 3)
    with pytest.raises(ValueError, match="beyond"):
        byte_range("bytes=0-", 0)
