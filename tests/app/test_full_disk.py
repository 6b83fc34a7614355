"""A disk that is nearly full, really: jobs leave the reserve alone, and what is stored stays. Sizes are in bytes."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from inference.media import ffmpeg_program
from inference.media.sandbox.process import ProcessLimits, Walls, run_limited
from inference.room import within
from omniscript_mam import storage
from omniscript_mam.errors import StorageFullError, is_full_disk
from omniscript_mam.models import Job
from omniscript_mam.searcher import archive_searcher
from omniscript_mam.services.archive import assets, quota
from omniscript_mam.services.archive.claims import DiskClaim, keep_room
from omniscript_mam.services.jobs import ingest, running
from omniscript_mam.services.search import indexing
from omniscript_mam.viewer import EVERYBODY
from search import SearchRequest
from tests.small_disk import small_disk

from .test_index_truth import make_asset, write

pytestmark = pytest.mark.django_db(transaction=True)

MB = 1 << 20
DISK, RESERVE = 72 * MB, 16 * MB
PAGES = 16_384
"""What the claims' own files take."""


@pytest.fixture
def disk(settings, data_folder) -> Iterator[Path]:
    """The data folder on a small disk, with a reserve."""
    with small_disk(data_folder, DISK):
        (data_folder / "incoming").mkdir()
        settings.OMNISCRIPT = {**settings.OMNISCRIPT, "MIN_FREE_BYTES": RESERVE}
        yield data_folder


def leave(folder: Path, num_bytes: int) -> Path:
    """Fill the disk until so much is free."""
    ballast = folder / "ballast"
    with ballast.open("wb") as file:
        os.posix_fallocate(file.fileno(), 0, shutil.disk_usage(folder).free - num_bytes)
    return ballast


@contextmanager
def least_free(folder: Path) -> Iterator[list[int]]:
    """Looks at the free space every millisecond; the list's one number is the least."""
    least, over = [shutil.disk_usage(folder).free], threading.Event()

    def look() -> None:
        while not over.wait(0.001):
            least[0] = min(least[0], shutil.disk_usage(folder).free)

    watcher = threading.Thread(target=look)
    watcher.start()
    try:
        yield least
    finally:
        over.set()
        watcher.join()


def test_a_job_that_outgrows_the_room_leaves_the_reserve(disk, tmp_path, no_broker):
    film = tmp_path / "noise.mp4"
    source = ["-f", "lavfi", "-i", "testsrc2=s=320x180:r=25:d=10,noise=alls=100:allf=t"]
    rate = ["-b:v", "7.6M", "-minrate", "7.6M", "-maxrate", "7.6M", "-bufsize", "2M", "-g", "25", "-pix_fmt", "yuv420p"]
    coding = ["-c:v", "libx264", "-preset", "ultrafast", *rate]
    subprocess.run([ffmpeg_program(), "-nostdin", "-v", "error", "-y", *source, *coding, str(film)], check=True)
    assert film.stat().st_size > 9 * MB
    asset, _ = assets.register_upload(EVERYBODY, film, film.name)
    job = ingest.enqueue(EVERYBODY, asset)
    leave(disk, RESERVE + 9 * MB)
    with least_free(disk) as least:
        assert running.run(job.id) == "failed"
    assert least[0] >= RESERVE
    job = Job.objects.get(id=job.id)
    assert (job.error_code, bool(job.remedy)) == (StorageFullError.code, True)
    (disk / "ballast").unlink()
    assert list(storage.folder("claims").iterdir()) == []
    ingest.retry(EVERYBODY, job)
    assert running.run(job.id) == "done", "with room it goes on"


def test_a_program_writes_no_more_than_it_was_granted(disk):
    leave(disk, RESERVE + quota.BOOKKEEPING_BYTES + 12 * MB)
    target, limits = disk / "out", ProcessLimits(wall_s=60, stall_s=60, file_bytes=1 << 30)
    target.mkdir()
    command = ["sh", "-c", f"exec yes > {target / 'big'}"]
    with least_free(disk) as least, within(keep_room), pytest.raises(StorageFullError, match="may still be written"):
        run_limited(command, limits, lambda line: None, Walls((), (target,)))
    assert least[0] >= RESERVE
    (target / "big").unlink()
    slow = ["sh", "-c", f"for n in 1 2 3 4 5 6 7 8 9 10; do yes | head -c 1000000 >> {target / 'slow'}; sleep 0.15; done"]
    with within(keep_room):
        assert run_limited(slow, limits, lambda line: None, Walls((), (target,))).status == 0, "it is given more as it goes"
    assert (target / "slow").stat().st_size == 10_000_000


def test_what_is_claimed_is_no_room_for_uploads(disk):
    claim = DiskClaim()
    spare = quota.spare_bytes()
    held = claim.hold(DISK)
    assert held == pytest.approx(spare // 2, abs=PAGES)
    assert quota.spare_bytes() == pytest.approx(spare - held, abs=PAGES)
    with pytest.raises(StorageFullError):
        quota.check_room(spare)
    other = DiskClaim()
    assert other.hold(DISK) == pytest.approx((spare - held) // 2, abs=PAGES)
    claim.close()
    other.close()
    assert quota.spare_bytes() == pytest.approx(spare, abs=PAGES)


def test_the_claim_of_a_worker_that_died_counts_no_more(disk):
    spare = quota.spare_bytes()
    code = (
        "import fcntl, os, sys, time; f = os.open(sys.argv[1], os.O_RDWR | os.O_CREAT); fcntl.flock(f, fcntl.LOCK_EX);"
        f"os.pwrite(f, b'{10 * MB:020d}', 0); print(flush=True); time.sleep(60)"
    )
    worker = subprocess.Popen([sys.executable, "-c", code, str(storage.folder("claims") / "dead")], stdout=subprocess.PIPE)
    assert worker.stdout is not None
    worker.stdout.readline()
    assert quota.spare_bytes() == pytest.approx(spare - 10 * MB, abs=PAGES)
    worker.kill()
    worker.communicate()
    assert quota.spare_bytes() == pytest.approx(spare, abs=PAGES)
    assert list(storage.folder("claims").iterdir()) == []


def test_a_full_disk_under_the_index_loses_nothing(disk):
    kept = make_asset("Harbour")
    write(kept, "The lamp is lit")
    assert indexing.index_pending(EVERYBODY)
    write(make_asset("Later"), *[f"Line {n} of the storm {n * n}" for n in range(400)])
    ballast = leave(disk, 0)
    started = time.monotonic()
    try:
        indexing.index_pending(EVERYBODY)
    except Exception as error:  # noqa: BLE001 (of whatever library; what it says is looked at)
        assert is_full_disk(error), error
    assert time.monotonic() - started < 30
    assert [hit.asset_id for hit in archive_searcher().search(SearchRequest("lamp")).hits] == [str(kept.id)]
    ballast.unlink()
    indexing.index_pending(EVERYBODY)
    assert archive_searcher().search(SearchRequest("storm 144")).hits
    assert archive_searcher().search(SearchRequest("lamp")).hits
