"""A rendered film is written through a real vLLM by a real worker, while the server is killed and is away.

One minute here; ``OMNISCRIPT_TEST_FILM_MINUTES=10`` and ``OMNISCRIPT_TEST_AWAY_S=120`` for the figures of docs/benchmarks.md.
"""

from __future__ import annotations

import json
import os
import time
from collections import Counter
from fractions import Fraction
from pathlib import Path

import pytest

from eval.world import render, story
from tests.integration.conftest import installation  # noqa: F401 - a fixture
from tests.integration.processes import Installation

from .vllm import TIGHT, Server, needs_vllm, served_model

MINUTES = float(os.environ.get("OMNISCRIPT_TEST_FILM_MINUTES", "1"))
AWAY_S = float(os.environ.get("OMNISCRIPT_TEST_AWAY_S", "5"))
SEGMENT_S = 60.0 if MINUTES > 2 else 15.0
PATIENT_S = 600.0 + 240.0 * MINUTES

pytestmark = [needs_vllm, pytest.mark.timeout(int(3 * PATIENT_S))]


@pytest.fixture(scope="module")
def film(tmp_path_factory) -> Path:
    """Small pictures, two a second; lines spoken in full."""
    if (kept := os.environ.get("OMNISCRIPT_TEST_FILM")) is not None:
        return Path(kept)
    path = tmp_path_factory.mktemp("film") / "the film.mp4"
    render(story(0, MINUTES * 60, 4), path, seed=0, size=(160, 90), frame_rate=Fraction(2))
    return path


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    folder = tmp_path_factory.mktemp("vllm")
    found = Server(served_model(folder / "model", window_s=30), folder / "vllm.log", "--max-model-len=32768", TIGHT)
    yield found.start()
    found.stop()


def settings_of(server: Server, folder: Path) -> dict[str, str]:
    endpoints = folder / "endpoints.toml"
    endpoints.write_text(
        f'[vllm]\nkind = "vllm"\nurl = "{server.url}/v1"\nmodel = "tiny"\nvideo = "jpeg_sequence"\naudio = "part"\n'
        "repetition_detection = false\nmax_tokens = 4096\nmax_clip_s = 60\n"
        "concurrency = 2\ntimeout_s = 600\nsilence_s = 300\n"
    )
    return {
        "ENDPOINTS": str(endpoints),
        "WRITERS": "narrow=tests.servers.narrow_writer:narrow_writer",
        "WRITER": "narrow",
        "SEGMENT_S": f"{SEGMENT_S:g}",
        "LEASE_S": "60",
    }


def written(found: Installation) -> dict:
    return json.loads(found.run("script", found.film_title, "--json").stdout)


def begin(found: Installation, film: Path) -> None:
    found.film_title = film.stem
    found.run("ingest", str(film), "--detach")
    found.start("worker")


def ended(found: Installation) -> bool:
    state = found.value("SELECT state FROM omniscript_mam_job")
    assert state not in ("failed", "cancelled"), found.rows("SELECT message, error FROM omniscript_mam_job")
    return state == "done"


def answered(found: Installation, purpose: str) -> int:
    return sum(line.startswith(f"answered {purpose} ") for line in found.called())


def asked(found: Installation, purpose: str) -> int:
    return sum(line.startswith(f"asked {purpose} ") for line in found.called())


def test_a_film_written_while_the_server_is_killed_and_away_is_the_same(installation, film, server, tmp_path):  # noqa: F811
    calm = installation("calm", **settings_of(server, tmp_path))
    begin(calm, film)
    calm.until(lambda: ended(calm), PATIENT_S)
    wanted = written(calm)
    assert wanted["scenes"]

    found = installation("killed", **settings_of(server, tmp_path))
    begin(found, film)
    found.until(lambda: asked(found, "plan") >= 1, PATIENT_S)
    server.kill()  # in the plan
    server.start()
    found.until(lambda: asked(found, "script") >= 1, PATIENT_S)
    server.kill()  # in a segment
    server.start()
    found.until(lambda: answered(found, "script") >= 1, PATIENT_S)
    server.kill()
    time.sleep(AWAY_S)
    server.start()
    found.until(lambda: ended(found), PATIENT_S)

    assert written(found) == wanted
    assert found.rows("SELECT DISTINCT num_writes, state FROM omniscript_mam_segment") == [(1, "done")]
    assert found.value("SELECT COUNT(*) FROM omniscript_mam_scriptrevision") == 1
    answers = Counter(line.split()[2] for line in found.called() if line.startswith("answered"))
    assert set(answers.values()) == {1}, "a question was answered twice"
    assert answers.keys() == {line.split()[2] for line in calm.called() if line.startswith("answered")}
    tokens = {line.split()[2]: int(line.split()[3]) for line in calm.called() if line.startswith("answered")}
    again = {line.split()[2]: int(line.split()[3]) for line in found.called() if line.startswith("answered")}
    assert all(again[key] >= tokens[key] > 0 for key in tokens), "usage is lost"
    usage = [json.loads(each.run("jobs", "--json").stdout) for each in (calm, found)]
    print(
        f"{MINUTES:g} minutes, {len(answers)} answers, {sum(tokens.values())} new tokens, {len(wanted['scenes'])} scenes; away {AWAY_S:g} s"
    )
    print(json.dumps(usage)[:1500])
