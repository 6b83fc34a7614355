"""The command line as a user types it: real processes, exit codes, JSON, errors in one line."""

from __future__ import annotations

import json
import shutil
import signal
import urllib.request

import pytest

from tests.app.conftest import make_film


@pytest.fixture(scope="module")
def short_film(tmp_path_factory):
    return make_film(tmp_path_factory.mktemp("short") / "harbour at night.mp4", 4)


def test_a_first_session(installation, short_film, tmp_path):
    archive = installation(SEGMENT_S="2")
    folder = tmp_path / "films" / "deep"
    folder.mkdir(parents=True)
    shutil.copy(short_film, folder / "harbour at night.mp4")
    (folder / "notes.txt").write_text("not a film")
    rows = archive.data("ingest", str(folder.parent))
    assert [(row["title"], row["created"], row["state"]) for row in rows] == [("harbour at night", True, "done")]
    again = archive.run("ingest", str(short_film))
    assert "is in the archive already" in again.stderr
    assert archive.called().count("plan") == 1
    hits = archive.data("search", "loudness")["hits"]
    assert hits[0]["title"] == "harbour at night"
    assert archive.data("search", "zebra crossing submarine lasagne", code=3)["hits"] == []
    page = archive.run("script", "harbour").stdout
    assert "HARBOUR AT NIGHT" in page
    assert "TEST CARD" in page
    asset = rows[0]["asset"]
    assert json.loads(archive.run("script", asset[:8], "--json").stdout)["schema_version"] == 2
    assert archive.run("script", asset[:8], "--format", "vtt").stdout.startswith("WEBVTT\n")
    assert archive.data("index", "rebuild") == {"num_assets": 1}
    assert archive.data("index", "verify")["agrees"]
    assert archive.data("ingest", str(short_film), "--again")[0]["state"] == "done"
    assert archive.called().count("plan") == 2


def test_errors_are_one_line_and_a_remedy(installation, tmp_path):
    archive = installation()
    for arguments, code in (
        (("script", "nothing"), 3),
        (("jobs", "--retry", "abcdef"), 3),
        (("ingest", str(tmp_path / "missing.mp4")), 1),
        (("frobnicate",), 2),
        (("ingest",), 2),
        (("write", str(tmp_path / "missing.mp4"), "--output-json", "x.json"), 2),
        (("worker", "--queues", "ghost"), 2),
    ):
        result = archive.run(*arguments, code=code)
        assert "Traceback" not in result.stderr
        assert result.stderr.strip()
    assert "Traceback" in archive.run("--debug", "script", "nothing", code=1).stderr


def test_a_file_that_is_no_film_fails_and_the_others_are_done(installation, short_film, tmp_path):
    archive = installation(SEGMENT_S="2")
    (tmp_path / "bad.mp4").write_bytes(b"#EXTM3U\nfile:///etc/passwd\n")
    rows = archive.data("ingest", str(tmp_path / "bad.mp4"), str(short_film), code=1)
    assert [row["state"] for row in rows] == ["failed", "done"]
    assert rows[0]["error_code"] == "upload.not_media"
    assert rows[0]["asset"] == "" and "bad.mp4" in rows[0]["error"]


def test_a_wrong_setting_is_named(installation):
    result = installation(LEASE_S="soon").run("jobs", code=1)
    assert "OMNISCRIPT_LEASE_S" in result.stderr
    assert "Traceback" not in result.stderr


def test_doctor_says_what_is_there(installation):
    archive = installation()
    rows = {row["name"]: row for row in archive.data("doctor", code=None)}
    assert rows["ffmpeg"]["state"] == rows["database"]["state"] == rows["broker"]["state"] == rows["index"]["state"] == "ok"
    assert all(row["state"] == "ok" or row["remedy"] or row["name"] == "worker" for row in rows.values())
    assert rows["remote"]["state"] == "note" and "OMNISCRIPT_ENDPOINTS" in rows["remote"]["remedy"]
    wanted = {row["name"]: row for row in installation("asking", WRITER="remote").data("doctor", code=4)}
    assert wanted["remote"]["state"] == "missing", "the installation's own writer is needed"
    unreachable = installation("other", DATABASE_URL="postgres://nobody@127.0.0.1:1/none").run("doctor", code=4)
    assert "database does not answer" in unreachable.stdout


def test_writing_without_the_archive(installation, short_film, tmp_path):
    archive = installation()
    target = tmp_path / "script.json"
    # The test writer is unknown to inference itself; the authors' flags reach the command all the same.
    flags = ["--video_path", str(short_film), "--output_json", str(target), "--max_new_tokens", "100", "--writer", "ghost"]
    result = archive.run("write", *flags, code=1)
    assert "ghost" in result.stderr
    assert not target.exists()


def test_serve_does_a_job_and_stops_with_everything(installation, short_film):
    archive = installation(SEGMENT_S="2")
    process = archive.start("serve", "--port", "0")
    archive.until(lambda: archive.log.exists() and "is at http://" in archive.log.read_text())
    address = archive.log.read_text().split("is at ")[1].split()[0]
    with urllib.request.urlopen(f"{address}api/v1/") as response:
        assert response.headers["Content-Security-Policy"]
    archive.until(lambda: (archive.folder / "worker.alive").exists())
    assert archive.data("ingest", str(short_film))[0]["state"] == "done"  # done by the worker, watched by the command
    asset = archive.data("jobs")[0]["asset_id"]
    with urllib.request.urlopen(f"{address}api/v1/assets/{asset}") as response:
        proxy = json.load(response)["files"]["proxy"]
    request = urllib.request.Request(address.rstrip("/") + proxy, headers={"Range": "bytes=10-19"})
    with urllib.request.urlopen(request) as response:
        assert (response.status, len(response.read())) == (206, 10)
    workers = _workers(archive)
    assert len(workers) == 2
    process.send_signal(signal.SIGINT)
    assert process.wait(timeout=30) == 0
    assert _workers(archive) == []


def test_workers_end_when_their_supervisor_is_killed_and_come_back_when_they_are(installation):
    archive = installation()
    process = archive.start("serve", "--port", "0")
    archive.until(lambda: len(_workers(archive)) == 2 and (archive.folder / "worker.alive").exists())
    import os

    victim = _workers(archive)[0]
    os.kill(victim, signal.SIGKILL)
    archive.until(lambda: len(_workers(archive)) == 2 and victim not in _workers(archive))
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    archive.until(lambda: _workers(archive) == [])


def _workers(archive) -> list[int]:
    """Process ids of the workers of an installation, from /proc."""
    from pathlib import Path

    ids = []
    for folder in Path("/proc").iterdir():
        if not folder.name.isdigit():
            continue
        try:
            words = (folder / "cmdline").read_bytes().split(b"\0")
            state = (folder / "stat").read_text().rsplit(")", 1)[1].split()[0]
            environment = (folder / "environ").read_bytes()
        except OSError:
            continue
        if b"worker" in words and state != "Z" and f"OMNISCRIPT_DATA_DIR={archive.folder}\0".encode() in environment:
            ids.append(int(folder.name))
    return sorted(ids)
