"""A chat/completions server for tests: real HTTP on a port of its own, exact about requests, as faulty as a test asks.

A request is checked to the last key (:mod:`tests.inference.engines.remote.shapes`), its pictures and sound are decoded, and a function of
the test answers it. ``faults`` are played in the order in which requests arrive, one each. Requests are counted by the hash of their
content.

    with ChatServer(answer_from(script, spool), faults=["429", "half"]) as server:
        toml = server.toml(video="jpeg_sequence", audio="part")     # a table [test] for OMNISCRIPT_ENDPOINTS
        …
    server.answered      # Counter: content hash → whole answers given
    server.seen          # list[Asked]
    server.refused       # why requests were refused as wrong: empty in a good test
"""

from __future__ import annotations

import hashlib
import itertools
import json
import threading
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import av
from pydantic import ValidationError

from tests.inference.engines.remote.answers import answer_from
from tests.inference.engines.remote.decoding import Asked, decode, usage

__all__ = ["FAULTS", "KEY", "Asked", "ChatServer", "Said", "answer_from"]

KEY = "sk-test-5f3a9c"
FAULTS = ("429", "500", "503-html", "hang", "close", "half", "cut", "not-json", "not-object", "wrong-type", "empty", "error-event", "drip")
"""Faults after which the same request is answered, if it is asked again.

Others: ``loop``, ``endless``, ``redirect URL``, a status such as ``401`` or ``500 with these words``; and of a server that is only slow
or busy: ``queue SECONDS`` (nothing, then an answer), ``comments`` and ``empty-pieces`` (signs of life and no text, for ever), ``stall``
(half an answer, then comments), ``thought`` (all its length spent on thinking).
"""


@dataclass(frozen=True)
class Said:
    """An answer and why it ended (as the protocol says it)."""

    text: str
    finish: str = "stop"


Answer = Callable[[Asked], str | Said]


class ChatServer:
    """See the module. ``pieces``: how many characters an event of a stream holds. ``hang_s``: how long a hang lasts at most.

    ``port``: 0 for any that is free. ``served``: the model that it says it is.
    """

    def __init__(
        self,
        answer: Answer,
        *,
        faults: Iterable[str] = (),
        key: str = KEY,
        pieces: int = 40,
        hang_s: float = 30.0,
        port: int = 0,
        served: str = "",
    ) -> None:
        self.answer = answer
        self.faults = deque(faults)
        self.key = key
        self.pieces = pieces
        self.hang_s = hang_s
        self.served = served
        self.asked: Counter[str] = Counter()
        self.answered: Counter[str] = Counter()
        self.seen: list[Asked] = []
        self.refused: list[str] = []
        self.most_at_once = 0
        self.over = threading.Event()
        self._at_once = 0
        self._lock = threading.Lock()
        self._http = ThreadingHTTPServer(("127.0.0.1", port), _Handler)
        self._http.daemon_threads = True
        self._http.chat = self  # type: ignore[attr-defined]
        self._thread = threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._http.server_address[1]}/v1"

    def toml(self, name: str = "test", **keys: Any) -> str:
        """An endpoint's table for this server, quick to try again; ``keys`` are added or replaced."""
        usual = {
            "url": self.url,
            "model": "tests/omni-1",
            "api_key_env": "OMNISCRIPT_TEST_KEY",
            "backoff_s": 0.01,
            "silence_s": 4.0,
            "queue_s": 4.0,
            "outage_s": 0.0,
        }
        return f"[{name}]\n" + "".join(f"{key} = {_toml(value)}\n" for key, value in {**usual, **keys}.items())

    def __enter__(self) -> ChatServer:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.over.set()
        self._http.shutdown()
        self._http.server_close()

    def begin(self, content_hash: str) -> str:
        """Count a request; the fault it gets, or ""."""
        with self._lock:
            self.asked[content_hash] += 1
            self._at_once += 1
            self.most_at_once = max(self.most_at_once, self._at_once)
            return self.faults.popleft() if self.faults else ""

    def end(self, content_hash: str, is_whole: bool) -> None:
        """A request is over."""
        with self._lock:
            self._at_once -= 1
            self.answered[content_hash] += is_whole


def _toml(value: Any) -> str:
    return "{" + ", ".join(f"{k} = {_toml(v)}" for k, v in value.items()) + "}" if isinstance(value, dict) else json.dumps(value)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    @property
    def chat(self) -> ChatServer:
        return self.server.chat  # type: ignore[attr-defined,no-any-return]

    def log_message(self, *_: Any) -> None:
        """Tests speak for themselves."""

    def do_POST(self) -> None:
        content = self.rfile.read(int(self.headers["Content-Length"]))
        content_hash = hashlib.sha256(content).hexdigest()
        if self.path != "/v1/chat/completions":
            return self._refuse(404, f"no such path: {self.path}")
        if self.headers.get("Content-Type") != "application/json":
            return self._refuse(415, "no JSON")
        if self.chat.key and self.headers.get("Authorization") != f"Bearer {self.chat.key}":
            return self._refuse(401, f"wrong key: {self.headers.get('Authorization')}")
        try:
            asked = decode(content, dict(self.headers.items()), content_hash)
        except (ValidationError, ValueError, OSError, av.FFmpegError) as error:
            return self._refuse(400, str(error))
        self.chat.seen.append(asked)
        fault = self.chat.begin(content_hash)
        is_whole = False
        try:
            is_whole = self._play(fault, asked)
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True
        except AssertionError as error:  # the test's own function found something wrong
            return self._refuse(400, str(error))
        finally:
            self.chat.end(content_hash, is_whole)

    def _refuse(self, status: int, why: str) -> None:
        self.chat.refused.append(f"{status} {why}")
        self._send(status, json.dumps({"error": {"message": why, "type": "invalid_request_error"}}).encode())

    def _send(self, status: int, content: bytes, kind: str = "application/json", **headers: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(content)

    def _play(self, fault: str, asked: Asked) -> bool:
        if fault == "429":
            self._send(429, b'{"error": {"message": "slow down", "code": 429}}', Retry_After="0.2")
        elif fault == "500":
            self._send(500, b'{"error": {"message": "the engine\\u0007 fell over"}}')
        elif fault == "503-html":
            self._send(503, b"<html>busy</html>", "text/html")
        elif fault[:3].isdigit() and fault[3:4] == " ":
            self._send(int(fault[:3]), json.dumps({"error": {"message": fault[4:]}}).encode())
        elif fault.isdigit():
            self._send(int(fault), json.dumps({"error": {"message": f"no, {self.headers.get('Authorization')}"}}).encode())
        elif fault.startswith("redirect "):
            self._send(307, b"", Location=fault.partition(" ")[2])
        elif fault == "hang":
            self.chat.over.wait(self.chat.hang_s)
            self.close_connection = True
        elif fault == "close":
            self.close_connection = True
        elif fault == "wrong-type":
            self._send(200, b"<html>welcome to the hotel</html>", "text/html")
        else:
            if fault.startswith("queue "):
                self.chat.over.wait(float(fault.partition(" ")[2]))
                fault = ""
            said = self.chat.answer(asked)
            said = Said(said) if isinstance(said, str) else said
            return self._stream(fault, said, asked) if asked.request.stream else self._document(fault, said, asked)
        return False

    def _document(self, fault: str, said: Said, asked: Asked) -> bool:
        choice = {"index": 0, "message": {"role": "assistant", "content": said.text}, "finish_reason": said.finish}
        content = json.dumps({"object": "chat.completion", "choices": [choice], "usage": usage(asked, said.text)}).encode()
        if fault in {"half", "cut", "not-json"}:
            content = content[: len(content) // 2]
        self._send(200, content)
        return not fault

    def _stream(self, fault: str, said: Said, asked: Asked) -> bool:
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream; charset=utf-8")
        self.send_header("Connection", "close")
        self.end_headers()
        self.close_connection = True
        events = list(self._events(said, asked))
        options = asked.request.stream_options
        if options is not None and options.continuous_usage_stats:
            events = [
                {**event, "usage": {"prompt_tokens": usage(asked, "")["prompt_tokens"], "completion_tokens": n}}
                for n, event in enumerate(events)
            ]
        if asked.request.timings_per_token:
            events = [{**event, "timings": {"prompt_n": 7, "cache_n": 3, "predicted_n": n}} for n, event in enumerate(events)]
        if fault in ("loop", "endless"):
            return self._go_on(events, fault)
        if fault in ("comments", "empty-pieces"):
            return self._live_on(fault)
        if fault == "thought":
            events = [{"choices": [{"delta": {"reasoning_content": "Well, "}}]}] * 9 + [
                {"choices": [{"delta": {}, "finish_reason": "length"}]}
            ]
            fault = ""
        for number, event in enumerate(events):
            if fault == "stall" and number == len(events) // 2:
                return self._live_on("comments")
            if fault not in {"", "drip"} and number == len(events) // 2:
                return self._break_off(fault, event)
            self._event(event)
            if fault == "drip":
                self.chat.over.wait(0.1)
        self.wfile.write(b"data: [DONE]\n\n")
        return fault in {"", "drip"}

    def _break_off(self, fault: str, event: dict[str, Any]) -> bool:
        if fault == "not-json":
            self.wfile.write(b'data: {"choices": [{"delta"\n\n')
        elif fault == "not-object":
            self.wfile.write(b"data: [1, 2]\n\n")
        elif fault == "error-event":
            self._event({"error": {"message": "CUDA error", "type": "InternalServerError", "code": 500}})
        elif fault == "cut":  # in the middle of an event
            self.wfile.write(b"data: " + json.dumps(event).encode()[:20])
        elif fault == "empty":
            self._event({"choices": [{"delta": {}, "finish_reason": "content_filter"}]})
        self.wfile.flush()
        return False

    def _live_on(self, fault: str) -> bool:
        """Signs of life until the asker hangs up."""
        while not self.chat.over.wait(0.05):
            if fault == "comments":
                self.wfile.write(b": still here\n\n")
                self.wfile.flush()
            else:
                self._event({"choices": [{"index": 0, "delta": {"content": ""}, "finish_reason": None}]})
        return False

    def _go_on(self, events: list[dict[str, Any]], fault: str) -> bool:
        """The beginning of the answer, then the same words for ever, or (``endless``) ever other ones."""
        for event in events[: max(1, len(events) // 3)]:
            self._event(event)
        for number in itertools.count():
            if self.chat.over.is_set():
                break
            words = f"and then number {number} " if fault == "endless" else "and then again and again "
            self._event({"choices": [{"index": 0, "delta": {"content": words}}]})
        return False

    def _events(self, said: Said, asked: Asked) -> Iterator[dict[str, Any]]:
        yield {"choices": [{"index": 0, "delta": {"role": "assistant", "content": ""}, "finish_reason": None}], "usage": None}
        for begin in range(0, len(said.text), self.chat.pieces):
            yield {"choices": [{"index": 0, "delta": {"content": said.text[begin : begin + self.chat.pieces]}, "finish_reason": None}]}
        yield {"choices": [{"index": 0, "delta": {}, "finish_reason": said.finish}]}
        yield {"choices": [], "usage": usage(asked, said.text)}

    def _event(self, event: dict[str, Any]) -> None:
        if self.chat.served:
            event = {**event, "model": self.chat.served}
        self.wfile.write(b"data: " + json.dumps(event).encode() + b"\n\n")
        self.wfile.flush()
