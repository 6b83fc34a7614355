"""Files go into the archive once and whole, or not at all."""

from __future__ import annotations

import hashlib
import io
import threading

import pytest

from omniscript_mam import storage
from omniscript_mam.errors import ConflictError, StorageFullError, UploadEmptyError, UploadError, UploadTooLargeError
from omniscript_mam.models import Asset, Essence, State
from omniscript_mam.services.archive import assets
from omniscript_mam.services.jobs import ingest
from omniscript_mam.viewer import EVERYBODY
from tests.essences import essence

pytestmark = pytest.mark.django_db


def kept_files():
    return sorted(path for name in ("essences", "incoming") for path in storage.folder(name).rglob("*") if path.is_file())


def test_the_same_bytes_are_the_same_asset():
    first, created = assets.register_upload(EVERYBODY, io.BytesIO(essence(b"some film")), "holiday_1.mp4")
    again, created_again = assets.register_upload(EVERYBODY, io.BytesIO(essence(b"some film")), "copy.mp4")
    assert (created, created_again, again.id) == (True, False, first.id)
    assert first.title == "holiday 1"
    row = Essence.objects.get()
    digest = hashlib.sha256(essence(b"some film")).hexdigest()
    assert (row.sha256, row.num_bytes) == (digest, 13)
    assert kept_files() == [storage.data_dir() / "essences" / digest[:2] / digest[2:4] / digest]
    assert storage.resolve(row.path).read_bytes() == essence(b"some film")


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("../../etc/passwd", "passwd"),
        ("..\\..\\windows\\system.ini", "system.ini"),
        ("/abs/olute.mp4", "olute.mp4"),
        ("a\x00b\n.mp4", "ab.mp4"),
        ("..", "upload"),
        ("", "upload"),
        ("x" * 4000 + ".mp4", "x" * 255),
        ("日本語.mp4", "日本語.mp4"),
        ("<img src=x onerror=alert(1)>.mp4", "<img src=x onerror=alert(1)>.mp4"),
    ],
)
def test_a_name_is_never_a_path(name, kept, data_folder):
    asset, _ = assets.register_upload(EVERYBODY, io.BytesIO(essence(b"bytes")), name)
    assert asset.essence.original_name == kept
    outside = [path for path in data_folder.rglob("*") if path.is_file() and path not in kept_files()]
    assert outside == []


def test_nothing_stays_of_a_refused_file(settings):
    with pytest.raises(UploadEmptyError):
        assets.register_upload(EVERYBODY, io.BytesIO(b""), "empty.mp4")
    settings.OMNISCRIPT = {**settings.OMNISCRIPT, "MAX_UPLOAD_BYTES": 10}
    with pytest.raises(UploadTooLargeError):
        assets.register_upload(EVERYBODY, io.BytesIO(essence(b"x" * 11)), "big.mp4")
    assert kept_files() == []
    assert not Asset.objects.exists()


def test_a_stream_that_breaks_leaves_nothing():
    class Broken(io.BytesIO):
        def read(self, size=-1):
            if self.tell() > 0:
                raise ConnectionResetError("gone")
            return super().read(4)

    with pytest.raises(ConnectionResetError):
        assets.register_upload(EVERYBODY, Broken(b"half of it"), "half.mp4")
    assert kept_files() == []
    assert not Asset.objects.exists()


def test_the_quota_is_a_full_disk(settings, tmp_path):
    settings.OMNISCRIPT = {**settings.OMNISCRIPT, "QUOTA_BYTES": 100}
    assets.register_upload(EVERYBODY, io.BytesIO(essence(b"x" * 60)), "first.mp4")
    for source in (io.BytesIO(essence(b"y" * 60)), _file(tmp_path, essence(b"y" * 60))):
        with pytest.raises(StorageFullError) as caught:
            assets.register_upload(EVERYBODY, source, "second.mp4")
        assert "OMNISCRIPT_QUOTA_BYTES" in caught.value.remedy
    assert Asset.objects.count() == 1
    assert len(kept_files()) == 1


def test_a_disk_that_fills_up_while_copying(settings):
    settings.OMNISCRIPT = {**settings.OMNISCRIPT, "MIN_FREE_BYTES": 1 << 60}
    with pytest.raises(StorageFullError):
        assets.register_upload(EVERYBODY, io.BytesIO(essence(b"x" * 60)), "first.mp4")
    assert kept_files() == []


def test_only_files_are_taken(tmp_path):
    for path in (tmp_path, tmp_path / "missing.mp4"):
        with pytest.raises(UploadError):
            assets.register_upload(EVERYBODY, path, path.name)


def test_a_file_of_the_user_stays_where_it_is(tmp_path):
    path = _file(tmp_path, essence(b"mine"))
    asset, _ = assets.register_upload(EVERYBODY, path, path.name, title="Mine", options={"languages": ["en"]})
    assert path.read_bytes() == essence(b"mine")
    assert (asset.title, asset.options) == ("Mine", {"languages": ["en"]})


def test_deleting_takes_everything_out(no_broker):
    asset, _ = assets.register_upload(EVERYBODY, io.BytesIO(essence(b"some film")), "film.mp4")
    (storage.renditions_folder(asset.id) / "proxy.mp4").write_bytes(b"p")
    job = ingest.enqueue(EVERYBODY, asset)
    job.state = State.RUNNING
    job.save()
    with pytest.raises(ConflictError):
        assets.delete_asset(EVERYBODY, asset)
    job.state = State.DONE
    job.save()
    identifier = asset.id
    assets.delete_asset(EVERYBODY, asset)
    assert not Asset.objects.exists()
    assert kept_files() == []
    assert not (storage.data_dir() / "renditions" / str(identifier)).exists()


@pytest.mark.django_db(transaction=True)
def test_the_same_bytes_at_the_same_time_are_one_asset():
    results = []
    barrier = threading.Barrier(4)

    def upload(number):
        from django.db import connection

        barrier.wait()
        try:
            results.append(assets.register_upload(EVERYBODY, io.BytesIO(essence(b"z" * 300_000)), f"{number}.mp4"))
        finally:
            connection.close()

    threads = [threading.Thread(target=upload, args=(number,)) for number in range(4)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert len(results) == 4
    assert len({asset.id for asset, _ in results}) == 1
    assert sum(created for _, created in results) == 1
    assert len(kept_files()) == 1


def _file(folder, content):
    path = folder / "film.mp4"
    path.write_bytes(content)
    return path
