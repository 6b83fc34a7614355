"""Subtitle files are kept with the film that they came with, so that every script of it reads them."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from omniscript_mam import storage
from omniscript_mam.errors import UploadEmptyError, UploadError, UploadTooLargeError
from omniscript_mam.models import Asset, Sidecar
from omniscript_mam.selectors.assets import loss_of, sidecar_rows
from omniscript_mam.services.archive import assets, sidecars
from omniscript_mam.services.archive.quota import used_bytes
from omniscript_mam.services.jobs import ingest, running
from omniscript_mam.services.jobs.work import Materials
from omniscript_mam.viewer import EVERYBODY
from tests.essences import essence

pytestmark = pytest.mark.django_db

SRT = b"1\n00:00:01,000 --> 00:00:02,000\nHello there.\n"


def taken_in(name: str, data: bytes = b"some film") -> Asset:
    return assets.register_upload(EVERYBODY, io.BytesIO(essence(data)), name)[0]


def attached(asset: Asset, data: bytes, name: str) -> bool:
    return sidecars.attach_sidecar(EVERYBODY, asset, io.BytesIO(data), name)[1]


def files() -> list[Path]:
    return sorted(path for name in ("essences", "incoming") for path in storage.folder(name).rglob("*") if path.is_file())


def test_kept_once_replaced_by_name_and_gone_with_the_film():
    film, twin = taken_in("film.mp4"), taken_in("twin.mp4", b"another film")
    assert attached(film, SRT, "../film.en.srt") and not attached(film, SRT, "film.en.srt")
    assert attached(twin, SRT, "twin.srt") and len(files()) == 3
    assert attached(film, SRT + b"\n2\n00:00:03,000 --> 00:00:04,000\nMore.\n", "film.en.srt")
    assert [row.name for row in film.sidecars.all()] == ["film.en.srt"] and len(files()) == 4
    assets.delete_asset(EVERYBODY, film)
    assert [row.name for row in Sidecar.objects.all()] == ["twin.srt"] and len(files()) == 2
    assets.delete_asset(EVERYBODY, twin)
    assert files() == []


@pytest.mark.parametrize(
    ("data", "name", "error"),
    [
        (b"", "film.srt", UploadEmptyError),
        (b"x" * 8_000_001, "film.srt", UploadTooLargeError),
        (b"no subtitles", "film.srt", UploadError),
        (SRT, "film.txt", UploadError),
    ],
)
def test_what_is_no_subtitle_file_is_refused(data: bytes, name: str, error: type[UploadError]):
    film = taken_in("film.mp4")
    with pytest.raises(error):
        attached(film, data, name)
    assert len(files()) == 1 and not Sidecar.objects.exists()


def test_every_job_of_the_film_reads_them(film: Path, tmp_path: Path, tiny, no_broker):
    copy = tmp_path / "Film.One.mp4"
    copy.write_bytes(film.read_bytes())
    (tmp_path / "Film.One.en.srt").write_bytes(SRT)
    (tmp_path / "Film.One.de.srt").write_bytes(b"broken")
    asset, _ = assets.register_upload(EVERYBODY, copy, copy.name)
    assert sidecars.attach_beside(EVERYBODY, asset, copy) == ["Film.One.en.srt"]
    assert sidecars.attach_beside(EVERYBODY, asset, copy) == []
    from inference.media import probe

    asset.essence.media_info = probe(copy).to_data()
    asset.essence.save()
    for job in (ingest.enqueue(EVERYBODY, asset),):
        (sidecar,) = Materials(job, asset).film().sidecars
        assert (sidecar.name, sidecar.path.read_bytes()) == ("Film.One.en.srt", SRT)


def test_a_page_upload_of_both_in_any_order(client, no_broker):
    sent = [SimpleUploadedFile("Holiday.en.srt", SRT), SimpleUploadedFile("Holiday.mp4", essence(b"film"))]
    answer = client.post("/upload/", {"files": sent}, headers={"Accept": "application/json"})
    assert answer.status_code == 201, answer.content
    film = Asset.objects.get()
    assert {row["asset"] for row in answer.json()["files"]} == {str(film.id)}
    assert [row.name for row in film.sidecars.all()] == ["Holiday.en.srt"]


def test_a_subtitle_without_its_film_is_refused_in_words(client, no_broker):
    taken_in("Other.mp4")
    answer = client.post("/api/v1/assets", {"file": SimpleUploadedFile("Holiday.srt", SRT)})
    assert answer.status_code == 404 and "No film has the name of Holiday.srt" in answer.json()["error"]["message"]


def test_a_subtitle_over_the_api_goes_to_the_newest_film_of_its_name(client, no_broker):
    taken_in("holiday.mp4", b"first")
    newest = taken_in("Holiday.mov", b"second")
    first = client.post(
        "/api/v1/assets", {"file": SimpleUploadedFile("HOLIDAY.de.forced.vtt", b"WEBVTT\n\n00:01.000 --> 00:02.000\nHallo\n")}
    )
    again = client.post(
        "/api/v1/assets", {"file": SimpleUploadedFile("HOLIDAY.de.forced.vtt", b"WEBVTT\n\n00:01.000 --> 00:02.000\nHallo\n")}
    )
    assert (first.status_code, again.status_code, first.json()["asset"]["id"]) == (201, 200, str(newest.id)), first.content


@pytest.mark.django_db(transaction=True)
def test_what_comes_after_the_script_is_told_with_one_click(client, film: Path, tiny, no_broker):
    asset = assets.register_upload(EVERYBODY, io.BytesIO(film.read_bytes()), "film.mp4")[0]
    attached(asset, SRT, "film.en.srt")
    page = f"/assets/{asset.id}/"
    running.run(str(ingest.enqueue(EVERYBODY, asset).id))
    assert [row.is_read for row in sidecar_rows(EVERYBODY, asset)] == [True]
    assert "came after this script" not in client.get(page).content.decode()
    attached(asset, SRT.replace(b"there", b"again"), "film.en.srt")
    attached(asset, SRT, "film.de.srt")
    told = client.get(page).content.decode()
    assert "film.de.srt, film.en.srt came after this script was written." in told
    assert client.post(f"/assets/{asset.id}/rerun/", {"next": page})["Location"] == page
    running.run(str(asset.jobs.order_by("-created_at").first().id))
    assert [row.is_read for row in sidecar_rows(EVERYBODY, asset)] == [True, True]
    assert "came after this script" not in client.get(page).content.decode()


def test_the_api_lists_them_and_takes_one_away(client, no_broker):
    asset, other = taken_in("film.mp4"), taken_in("other.mp4", b"other")
    attached(asset, SRT, "film.en.srt")
    attached(asset, SRT + b"\n", "film.de.srt")
    address = f"/api/v1/assets/{asset.id}/subtitles"
    rows = client.get(address).json()["results"]
    assert [(row["name"], row["num_bytes"], row["is_read"]) for row in rows] == [
        ("film.de.srt", len(SRT) + 1, False),
        ("film.en.srt", len(SRT), False),
    ]
    assert client.delete(f"/api/v1/assets/{other.id}/subtitles/{rows[0]['id']}").status_code == 404
    num_files = len(files())
    assert client.delete(f"{address}/{rows[0]['id']}").status_code == 204
    assert [row["name"] for row in client.get(address).json()["results"]] == ["film.en.srt"] and len(files()) == num_files - 1
    assert client.delete(f"{address}/{rows[0]['id']}").status_code == client.delete(f"{address}/{2**70}").status_code == 404
    assert "its subtitle file film.en.srt" in loss_of(EVERYBODY, asset.id).lines


def test_they_count_in_the_quota(no_broker):
    asset = taken_in("film.mp4")
    before = used_bytes()
    attached(asset, SRT, "film.srt")
    assert used_bytes() == before + len(SRT)
