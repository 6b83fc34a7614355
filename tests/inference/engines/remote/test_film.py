"""A whole film through the remote writer, with every fault in turn: it gets done, and nothing that was answered is asked twice."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from inference.errors import Cancelled
from inference.pipeline import write_script
from inference.writers import writer
from tests.inference.engines.remote.answers import answer_from
from tests.inference.engines.remote.film import coded_film, known_script
from tests.inference.engines.remote.server import FAULTS, KEY, ChatServer

SEGMENT_S = 6.0


@pytest.fixture(scope="module")
def workdir(tmp_path_factory) -> Path:
    """One folder for all runs, so that the film is decoded once; the title tells runs apart."""
    return tmp_path_factory.mktemp("runs")


@pytest.fixture(scope="module")
def path(film, tmp_path_factory) -> Path:
    return coded_film(tmp_path_factory.mktemp("film") / "film.mp4")


def run(path, workdir, title, **more):
    options = {"segment_s": SEGMENT_S, "hints": False}
    return write_script(path, workdir=workdir, writer=writer("remote"), title=title, options=options, **more)


def check(script, film, *, hears=True):
    """The script is the one that the server knows; without its lines if that does not hear and nobody else did."""
    known = known_script(film.info.duration_s)
    if not hears:
        for scene in known.scenes:
            scene.events = [event for event in scene.events if not event.dialogue]
    names = {event.start_s: known.character_name(event.character_id) for event in known.events()}
    assert [(event.dialogue, event.action) for event in script.events()] == [(event.dialogue, event.action) for event in known.events()]
    for found, wanted in zip(script.events(), known.events(), strict=True):
        assert found.start_s == pytest.approx(wanted.start_s, abs=0.11)
        assert script.character_name(found.character_id) == names[wanted.start_s]
        assert found.provenance["dialogue" if wanted.dialogue else "action"].writer == "remote-test"
    assert [scene.location for scene in script.scenes] == ["Kitchen", "Beach"]


@pytest.mark.parametrize("faults", [(), FAULTS[:7], FAULTS[7:]], ids=lambda faults: "+".join(faults) or "none")
def test_a_film_gets_done_and_nothing_is_asked_twice(declare, film, path, workdir, faults, caplog):
    caplog.set_level(logging.DEBUG)
    in_turn = [each for fault in faults for each in (fault, "")]
    with ChatServer(answer_from(known_script(film.info.duration_s), film.spool), faults=in_turn, pieces=200) as server:
        declare(server.toml(video="jpeg_sequence", audio="part", structured="structured_outputs", concurrency=2))
        script = run(path, workdir, f"faults {faults}")
    check(script, film)
    assert server.refused == [] and not any(server.faults)
    assert {count for count in server.answered.values() if count} == {1}
    assert sum(server.asked.values()) == sum(server.answered.values()) + sum(fault != "drip" for fault in faults)
    assert KEY not in caplog.text


@pytest.mark.parametrize(
    "capabilities",
    [
        {"video": "images", "audio": "part", "structured": "json_schema"},
        {"video": "mp4", "audio": "in_video", "structured": "json_object", "streaming": False},
        {"video": "jpeg_sequence", "audio": "none", "structured": "none"},
        {"video": "none", "audio": "part"},
    ],
)
def test_a_film_gets_done_whatever_an_endpoint_can_take(declare, film, path, workdir, capabilities):
    with ChatServer(answer_from(known_script(film.info.duration_s), film.spool), pieces=200) as server:
        declare(server.toml(**capabilities))
        check(run(path, workdir, f"capabilities {capabilities}"), film, hears=capabilities["audio"] != "none")
    assert server.refused == []
    assert set(server.answered.values()) == {1}


def test_a_run_that_was_stopped_goes_on_without_asking_again(declare, film, path, workdir):
    with ChatServer(answer_from(known_script(film.info.duration_s), film.spool), pieces=200) as server:
        declare(server.toml(video="jpeg_sequence", audio="part", structured="json_schema"))
        with pytest.raises(Cancelled):
            run(path, workdir, "stopped", cancelled=lambda: sum(server.answered.values()) >= 5)
        num_before = sum(server.answered.values())
        check(run(path, workdir, "stopped"), film)
    assert num_before >= 5
    assert set(server.answered.values()) == {1}
