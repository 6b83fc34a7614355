"""What an endpoint's server is asked before a film is, and what people are told of it."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from click.testing import CliRunner

from inference.engines.remote.checking import check_endpoint
from inference.engines.remote.endpoints import endpoint_named, read_endpoints
from inference.engines.remote.presets import KINDS, PRESETS
from inference.errors import EndpointError
from omniscript_mam.commands.endpoints import command

URL = "http://127.0.0.1:{port}/v1"


class _Server(BaseHTTPRequestHandler):
    """As much of llama.cpp's server as a check sees; ``says`` is what it says of itself and how it answers."""

    def log_message(self, *_):
        pass

    def do_GET(self):
        says = self.server.says
        if self.path == "/v1/models":
            return self._send(200, {"data": [{"id": name, "max_model_len": says.get("max_model_len")} for name in says["models"]]})
        if self.path == "/props" and "props" in says:
            return self._send(200, says["props"])
        return self._send(404, {"error": {"message": "File Not Found"}})

    def do_POST(self):
        says = self.server.says
        self.server.bodies.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        if "refuses" in says:
            return self._send(*says["refuses"])
        choice = {"message": {"content": says.get("text", '{"answer": "yes"}')}, "finish_reason": "stop"}
        return self._send(200, {"model": says["models"][0], "choices": [choice], "usage": says.get("usage", {"prompt_tokens": 9})})

    def _send(self, status, document):
        content = json.dumps(document).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


@pytest.fixture
def found(declare):
    """State → name of what is found of a server that says this, under a table with these keys."""
    servers = []

    def find(says, **keys):
        server = ThreadingHTTPServer(("127.0.0.1", 0), _Server)
        server.says, server.bodies = {"models": ["m"], **says}, []
        servers.append(server)
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        table = {"url": URL.format(port=server.server_address[1]), "model": "m", "streaming": False, **keys}
        declare("[a]\n" + "".join(f"{key} = {json.dumps(value)}\n" for key, value in table.items()))
        return check_endpoint(endpoint_named()), server

    yield find
    for server in servers:
        server.shutdown()
        server.server_close()


def states(findings):
    return {finding.name: finding.state for finding in findings}


PROPS = {"default_generation_settings": {"n_ctx": 2048}, "total_slots": 1, "modalities": {"vision": False, "audio": False}}


def test_a_server_that_can_all_that_is_declared(found):
    findings, server = found({"max_model_len": 200_000}, video="images", audio="part", structured="json_schema")
    assert states(findings) == {"model": "ok", "context": "ok", "answer": "ok"}
    kinds = [part["type"] for part in server.bodies[0]["messages"][1]["content"]]
    assert kinds == ["image_url", "input_audio", "text"]


def test_what_will_be_lost_is_said_before(found):
    findings, _ = found({"props": PROPS}, model="gpt-99", video="images", structured="json_schema", concurrency=2)
    assert states(findings) == {"model": "note", "context": "note", "slots": "note", "senses": "missing", "answer": "ok"}
    told = {finding.name: f"{finding.detail} {finding.remedy}" for finding in findings}
    assert "2048 tokens" in told["context"] and "max_clip_s" in told["context"]
    assert "concurrency = 1" in told["slots"] and "--mmproj" in told["senses"]


def test_a_schema_that_is_not_kept_and_usage_that_is_not_told(found):
    findings, _ = found({"text": "Yes!", "usage": {}}, structured="json_schema")
    assert {"schema": "note", "usage": "note"}.items() <= states(findings).items()


@pytest.mark.parametrize(
    ("refuses", "words", "remedy"),
    [
        ((401, {"error": {"message": "Invalid API Key"}}), "Invalid API Key", "api_key_env"),
        ((503, {"error": {"message": "Loading model"}}), "Loading model", ""),
        ((500, {"error": {"message": "image input is not supported - you may need to provide the mmproj"}}), "image input", "--mmproj"),
    ],
)
def test_a_refusal_is_said_with_its_remedy(found, refuses, words, remedy):
    findings, server = found({"refuses": refuses}, video="images")
    assert findings[-1].state == "missing" and words in findings[-1].detail and remedy in findings[-1].remedy
    assert len(server.bodies) == 1


def test_the_command_says_it_and_fails(declare):
    declare('[a]\nurl = "http://127.0.0.1:9/v1"\nmodel = "m"\n[b]\nurl = "ftp://h"\nmodel = "m"\n')
    done = CliRunner().invoke(command, ["check"], standalone_mode=False)
    assert done.return_value == 1
    assert "a: answer" in done.output and "ConnectError" in done.output and "b: table" in done.output


@pytest.mark.parametrize("kind", KINDS)
def test_a_kind_fills_in_what_the_table_does_not_say(declare, kind):
    declare(f'[a]\nkind = "{kind}"\nurl = "http://h/v1"\nmodel = "m"\nconcurrency = 7\nextra_body = {{top_k = 1}}\n')
    endpoint = endpoint_named()
    assert endpoint.concurrency == 7
    assert endpoint.structured == PRESETS[kind]["structured"]
    assert endpoint.extra_body == {**PRESETS[kind].get("extra_body", {}), "top_k": 1}


def test_a_kind_that_nobody_knows(declare):
    declare('[a]\nkind = "tgi"\nurl = "http://h/v1"\nmodel = "m"\n')
    assert isinstance(read_endpoints()["a"], EndpointError) and "kind" in str(read_endpoints()["a"])
