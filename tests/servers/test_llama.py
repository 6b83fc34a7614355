"""The client against llama.cpp's own server with a model of noise: what a server of ours only plays, a real one does.

``tools/llama_environment.py`` makes the environment; without it these tests are skipped. `make test-servers` runs them.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import threading
import time
from pathlib import Path

import pytest

from inference.engines.base import Failure, Request
from inference.engines.remote.checking import SCHEMA, check_endpoint
from inference.engines.remote.endpoints import endpoint_named
from inference.engines.remote.remote_engine import RemoteEngine

ROOT = Path(__file__).resolve().parents[2]
PYTHON = Path(os.environ.get("OMNISCRIPT_TEST_LLAMA_PYTHON", ROOT / ".envs" / "llama" / "bin" / "python"))
KEY = "sk-llama-test"
pytestmark = pytest.mark.skipif(not PYTHON.exists(), reason="tools/llama_environment.py has not been run")


class Llama:
    """A server at a port of its own; it may be killed and started again."""

    def __init__(self, folder: Path, *arguments: object) -> None:
        self.folder, self.arguments = folder, [str(argument) for argument in arguments]
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> Llama:
        command = [PYTHON, ROOT / "tests/servers/tiny_llama.py", self.folder / "tiny.gguf", str(self.port), *self.arguments]
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        return self

    def kill(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait()


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("llama")


@pytest.fixture(scope="module")
def llama(folder):
    server = Llama(folder, 2048, 1, KEY).start()
    yield server
    server.kill()


@pytest.fixture
def engine_at(tmp_path, monkeypatch):
    def make(server: Llama, **keys: object) -> RemoteEngine:
        table = {"kind": "llama.cpp", "url": f"http://127.0.0.1:{server.port}/v1", "model": "tiny", "api_key_env": "OMNISCRIPT_TEST_KEY"}
        table |= {"outage_s": 60.0, "backoff_s": 0.2, **keys}
        path = tmp_path / "endpoints.toml"
        path.write_text("[a]\n" + "".join(f"{key} = {json.dumps(value)}\n" for key, value in table.items()))
        monkeypatch.setenv("OMNISCRIPT_ENDPOINTS", str(path))
        monkeypatch.setenv("OMNISCRIPT_TEST_KEY", KEY)
        return RemoteEngine(endpoint_named())

    return make


def question(prompt: str = "Say yes.", schema: dict[str, object] = SCHEMA, max_new_tokens: int = 256) -> Request:
    return Request("plan", "You answer in JSON.", prompt, None, schema, thinking=False, max_new_tokens=max_new_tokens)


LETTERS = {"type": "string", "pattern": "^[a-z]{400}$"}  # a model of noise writes bytes that are no text, where it may
LONG = {"type": "object", "properties": {"text": LETTERS}, "required": ["text"]}


def test_an_answer_keeps_to_its_schema_and_is_counted(engine_at, llama):
    (reply,) = engine_at(llama).generate([question()])
    assert json.loads(reply.text) == {"answer": "yes"} and reply.finish == "stop"
    assert reply.usage.num_prompt_tokens > 10 and reply.usage.num_new_tokens > 10


def test_another_name_than_is_served_is_noticed(engine_at, llama):
    (reply,) = engine_at(llama, model="gpt-99-vision").generate([question()])
    assert "tiny" in reply.model


def test_a_wrong_key_is_told_once(engine_at, llama, monkeypatch):
    engine_at(llama).generate([question()])  # it is up: nothing is waited for
    monkeypatch.setenv("OMNISCRIPT_TEST_KEY", "wrong")
    (failure,) = RemoteEngine(endpoint_named()).generate([question()])
    assert isinstance(failure, Failure) and failure.error.status == 401 and failure.error.blocks and failure.usage.num_requests == 1


def test_tls_to_its_plain_port(engine_at, llama, monkeypatch):
    monkeypatch.setattr("omniscript_mam.remote_text.asking.CONNECT_S", 1.0)
    (failure,) = engine_at(llama, url=f"https://127.0.0.1:{llama.port}/v1").generate([question()])
    assert "does not speak TLS" in str(failure.error) and failure.error.blocks


def test_a_context_that_is_too_small(engine_at, llama):
    (failure,) = engine_at(llama).generate([question("word " * 1000)])
    assert "context" in str(failure.error) and "longer context" in failure.error.remedy
    assert failure.usage.num_requests == 1 and not failure.error.blocks


def test_a_model_without_eyes_and_the_rest_that_will_be_lost(engine_at, llama):
    findings = check_endpoint(engine_at(llama, video="images", concurrency=2).endpoint)
    states = {finding.name: finding.state for finding in findings}
    assert states == {"model": "ok", "context": "note", "slots": "note", "senses": "missing", "answer": "missing"}
    assert "--mmproj" in findings[-1].remedy


def test_one_slot_and_two_askers(engine_at, llama):
    replies = engine_at(llama, concurrency=2, silence_s=5.0).generate([question(str(n), LONG, 900) for n in range(2)])
    assert [reply.usage.num_requests for reply in replies] == [1, 1], replies


def test_killed_in_the_middle_and_started_again(engine_at, folder):
    server = Llama(folder, 4096, 1, KEY).start()
    waits, told = [], []

    def on_text(index, piece):
        told.append(piece)
        if len("".join(told)) > 100 and len(killed) == 0:
            killed.append(True)
            server.kill()
            threading.Timer(1.5, server.start).start()

    killed: list[bool] = []
    engine = engine_at(server)
    (reply,) = engine.generate([question(schema=LONG, max_new_tokens=900)], on_text, waits.append)
    server.kill()
    assert killed and len(json.loads(reply.text)["text"]) == 400
    assert any(waiting is not None and waiting.what == "server" for waiting in waits)
    assert reply.usage.num_requests >= 2


def test_a_server_that_is_not_there_yet(engine_at, folder):
    server = Llama(folder, 2048, 1, KEY)
    engine = engine_at(server)
    threading.Timer(1.0, server.start).start()
    begun_s = time.monotonic()
    (reply,) = engine.generate([question()])
    server.kill()
    assert json.loads(reply.text) == {"answer": "yes"} and time.monotonic() - begun_s > 1.0
