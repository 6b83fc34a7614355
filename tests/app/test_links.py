"""Ways in for a site: rows of its own tied to our assets, tags for its templates, a sprite index that fits any prefix."""

from __future__ import annotations

import io

import pytest
from django.contrib.auth import get_user_model
from django.core.files.base import ContentFile
from django.http import HttpRequest
from django.template import Context, Template
from django.test import override_settings
from django.urls import set_script_prefix

from omniscript_mam import storage
from omniscript_mam.errors import ConflictError
from omniscript_mam.models import Link, Rendition
from omniscript_mam.selectors.media import media_file, media_url
from omniscript_mam.services.archive import assets
from omniscript_mam.services.links import asset_of, ingest_for, link, objects_of, unlink
from omniscript_mam.viewer import EVERYBODY
from tests.essences import essence

pytestmark = pytest.mark.django_db


@pytest.fixture
def row():
    """A row of the site's own; any model will do."""
    return get_user_model().objects.create(username="reel 9")


def test_a_row_and_its_film(row, no_broker, film):
    assert asset_of(EVERYBODY, row) is None
    job = ingest_for(EVERYBODY, row, film)
    asset = asset_of(EVERYBODY, row)
    assert (asset, asset.title, objects_of(EVERYBODY, asset)) == (job.asset, "reel 9", [row])
    assert no_broker == []  # told once the transaction is committed
    assert ingest_for(EVERYBODY, row, str(film), title="again") == job  # the same bytes: nothing is done twice
    unlink(EVERYBODY, row)
    assert (asset_of(EVERYBODY, row), objects_of(EVERYBODY, asset)) == (None, [])


def test_a_file_of_any_storage(row, no_broker):
    job = ingest_for(EVERYBODY, row, ContentFile(essence(b"a film from somewhere"), name="clips/from S3.mp4"))
    assert job.asset.essence.original_name == "from S3.mp4"
    assert ingest_for(EVERYBODY, row, io.BytesIO(essence(b"another"))).asset == asset_of(EVERYBODY, row)
    assert Link.objects.count() == 1  # a row has one film


def test_rows_that_are_gone_and_rows_that_are_not_saved(row, no_broker):
    asset, _ = assets.register_upload(EVERYBODY, io.BytesIO(essence(b"film")), "film.mp4")
    link(EVERYBODY, row, asset)
    row.delete()
    assert objects_of(EVERYBODY, asset) == []
    with pytest.raises(ConflictError):
        link(EVERYBODY, get_user_model()(username="nobody"), asset)
    with pytest.raises(ConflictError):
        ingest_for(EVERYBODY, get_user_model()(username="nobody"), io.BytesIO(essence(b"more")))


def printed(source: str, **values) -> str:
    request = HttpRequest()
    request.META = {"SERVER_NAME": "localhost", "SERVER_PORT": "80"}
    return Template("{% load omniscript %}" + source).render(Context({"request": request, **values}))


def test_tags_bring_their_files_once(row, no_broker):
    asset, _ = assets.register_upload(EVERYBODY, io.BytesIO(essence(b"film")), "film.mp4")
    link(EVERYBODY, row, asset)
    page = printed("{% omniscript_player row %}{% omniscript_script asset %}{% omniscript_script id %}{% omniscript_search %}",
                   row=row, asset=asset, id=str(asset.id))  # fmt: skip
    assert page.count("js/app.js") == page.count('id="live"') == 1
    assert "There is no copy to play." in page
    assert page.count("There is no script yet.") == 2
    assert 'action="/search/"' in page


def test_a_row_without_a_film(row):
    assert "There is no film yet." in printed("{% omniscript_player row %}", row=row)


@pytest.mark.parametrize("stored", ["sprites.jpg", "/media/12/0123456789abcdef", "/old/prefix/media/12/0123456789abcdef"])
def test_a_sprite_index_names_the_sheet_where_it_is_now(no_broker, stored):
    asset, _ = assets.register_upload(EVERYBODY, io.BytesIO(essence(b"film")), "film.mp4")
    folder = storage.renditions_folder(asset.id)
    (folder / "sheet.jpg").write_bytes(b"picture")
    (folder / "sheet.vtt").write_text(f"WEBVTT\n\n00:00.000 --> 00:05.000\n{stored}#xywh=0,0,160,90\n")
    row = {"asset": asset, "num_bytes": 1, "sha256": "ab" * 32}
    sheet = Rendition.objects.create(kind="sprite", path=storage.relative(folder / "sheet.jpg"), mime_type="image/jpeg", **row)
    index = Rendition.objects.create(kind="sprite_vtt", path=storage.relative(folder / "sheet.vtt"), mime_type="text/vtt", **row)
    plain = media_file(EVERYBODY, index.id)
    assert f"\n{media_url(sheet)}#xywh=0,0,160,90\n" in plain.content.decode()
    with override_settings(FORCE_SCRIPT_NAME="/footage"):
        set_script_prefix("/footage/")
        moved = media_file(EVERYBODY, index.id)
        set_script_prefix("/")
    assert f"\n/footage{media_url(sheet)}#xywh=" in moved.content.decode()
    assert moved.etag != plain.etag
    assert plain.num_bytes == len(plain.content)
