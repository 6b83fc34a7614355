"""How long a server is waited for, what of a broken answer stands, and what is not asked again."""

from __future__ import annotations

import json
import socket
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from inference.answers.reading import read_script
from inference.answers.schema import EventAnswer, SceneAnswer, ScriptAnswer, to_wire
from inference.checkpoints import Checkpoints
from inference.engines.base import Failure
from inference.engines.remote.model_names import other_model
from inference.errors import RemoteError
from inference.writers.two_stage.asking import Replies, converse
from tests.inference.engines.remote.server import ChatServer, Said
from tests.inference.engines.remote.test_faults import refusal
from tests.inference.engines.remote.test_shapes import request_of

EVENTS = [EventAnswer(start=float(n), end=n + 0.5, character="A", dialogue=f"Line {n}.") for n in range(12)]
SCRIPT = to_wire(ScriptAnswer(scenes=[SceneAnswer(location="Place", events=EVENTS)]))
DURATION_S = 20.0


def ask_script(engine, film, folder, **request):
    """The outcome of one question, as writers ask it."""
    (outcome,) = converse(
        Replies(engine, Checkpoints(folder)),
        [request_of(film, clip=None, **request)],
        lambda _, text: read_script(text, DURATION_S),
        lambda *_: lambda piece: None,
    )
    return outcome


def lines(outcome):
    return [event.dialogue for scene in outcome.reading.answer.scenes for event in scene.events]


def going_on(asked):
    """A model that goes on from where an answer stopped."""
    return SCRIPT.removeprefix(asked.begun)


# Deadlines -------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("fault", ["comments", "empty-pieces"])
def test_signs_of_life_are_no_answer(engine_at, film, fault):
    with ChatServer(lambda asked: SCRIPT, faults=[fault]) as server:
        begun_s = time.monotonic()
        (reply,) = engine_at(server, queue_s=0.6, timeout_s=30.0, silence_s=30.0).generate([request_of(film, clip=None)])
    assert time.monotonic() - begun_s < 5.0
    assert reply.text == SCRIPT and reply.usage.num_requests == 2


def test_signs_of_life_are_none_between_two_pieces_either(engine_at, film):
    with ChatServer(lambda asked: "no events " * 20, faults=["stall"]) as server:
        begun_s = time.monotonic()
        (reply,) = engine_at(server, queue_s=30.0, timeout_s=30.0, silence_s=0.5).generate([request_of(film, clip=None)])
    assert time.monotonic() - begun_s < 5.0
    assert reply.usage.num_requests == 2


def test_a_queue_is_not_silence(engine_at, film):
    with ChatServer(lambda asked: SCRIPT, faults=["queue 1.2"]) as server:
        (reply,) = engine_at(server, queue_s=20.0, silence_s=0.4, timeout_s=0.9).generate([request_of(film, clip=None)])
    assert reply.text == SCRIPT and reply.usage.num_requests == 1


def test_one_slot_and_two_askers(engine_at, film, monkeypatch):
    """The second has to wait for the whole answer of the first: longer than it may be silent. It says so, and is asked once."""
    monkeypatch.setattr("omniscript_mam.remote_text.clock.NOTED_S", 0.3)
    slot = threading.Lock()

    def answer(asked):
        with slot:
            time.sleep(0.9)
        return SCRIPT

    waits = []
    with ChatServer(answer) as server:
        engine = engine_at(server, concurrency=2, queue_s=20.0, silence_s=0.5)
        replies = engine.generate([request_of(film, clip=None, prompt=str(n)) for n in range(2)], on_wait=waits.append)
        assert sum(server.asked.values()) == 2
    assert [reply.text for reply in replies] == [SCRIPT] * 2
    assert waits[0].what == "turn" and waits[-1] is None


# What stands of an answer ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fault", "keys"),
    [("half", {}), ("error-event", {}), ("stall", {"silence_s": 0.4}), ("drip", {"timeout_s": 0.8}), ("cut", {})],
)
def test_what_is_whole_of_a_broken_answer_is_gone_on_from(engine_at, film, tmp_path, fault, keys):
    with ChatServer(going_on, faults=[fault]) as server:
        outcome = ask_script(engine_at(server, num_tries=1, **keys), film, tmp_path)
    assert lines(outcome) == [event.dialogue for event in EVENTS]
    assert not outcome.cut and not outcome.fault
    assert len(server.seen) == 2 and server.seen[1].begun.startswith('{"scenes"')


def test_a_slow_server_gets_there_step_by_step(engine_at, film, tmp_path):
    """No attempt is long enough for the answer; each goes on where the last one stopped."""
    with ChatServer(going_on, faults=["drip"] * 12) as server:
        outcome = ask_script(engine_at(server, num_tries=1, timeout_s=0.7), film, tmp_path)
    assert lines(outcome) == [event.dialogue for event in EVENTS] and not outcome.cut
    assert len(server.seen) > 2


def test_a_refused_resume_loses_nothing_that_was_whole(engine_at, film, tmp_path):
    def answer(asked):
        assert not asked.begun, "the context is full"  # the server's 400
        return Said(SCRIPT[: len(SCRIPT) // 2], "length")

    with ChatServer(answer) as server:
        outcome = ask_script(engine_at(server), film, tmp_path)
    assert outcome.cut and "the context is full" in outcome.cut_because and not outcome.fault
    assert lines(outcome) == [event.dialogue for event in EVENTS][: len(lines(outcome))] and len(lines(outcome)) >= 4


# Loops -----------------------------------------------------------------------------------------------------------------------

CIRCLING = '{"scenes": [{"location": "' + "and then again " * 55 + '", "events": []}]}'


def test_a_loop_that_a_schema_ends_is_let_end(engine_at, film):
    with ChatServer(lambda asked: CIRCLING) as server:
        (reply,) = engine_at(server, structured="json_schema").generate([request_of(film, clip=None)])
    assert (reply.text, reply.finish) == (CIRCLING, "stop")


def test_a_loop_that_nothing_ends_is_stopped_and_paid(engine_at, film):
    with ChatServer(lambda asked: CIRCLING) as server:
        (reply,) = engine_at(server, usage="continuous").generate([request_of(film, clip=None)])
    assert reply.finish == "cycle" and len(reply.text) < len(CIRCLING)
    assert reply.usage.num_prompt_tokens == len("You write scripts.Write it.") // 4
    assert reply.usage.num_new_tokens >= len(reply.text) // server.pieces


@pytest.mark.parametrize("usage", ["final", "timings"])
def test_a_stopped_answer_is_paid_as_far_as_can_be_known(engine_at, film, usage):
    with ChatServer(lambda asked: CIRCLING) as server:
        (reply,) = engine_at(server, usage=usage).generate([request_of(film, clip=None)])
    assert reply.usage.num_new_tokens >= len(reply.text) // server.pieces
    assert reply.usage.num_prompt_tokens == (10 if usage == "timings" else 0)


# What is asked once ----------------------------------------------------------------------------------------------------------

HOPELESS = {
    "no projector": (
        "500 image input is not supported - hint: you may need to provide the mmproj",
        "--mmproj",
        True,
    ),
    "no ears": ("500 audio input is not supported - hint: you may need to provide the mmproj", "--mmproj", True),
    "no eyes (vllm)": ("400 At most 0 image(s) may be provided in one prompt.", "takes no such pictures", True),
    "times refused": ("400 media_io_kwargs needs --trust-request-mm-kwargs", "--trust-request-mm-kwargs", True),
    "context": ("400 request (3030 tokens) exceeds the available context size (2048 tokens), try increasing it", "longer context", False),
    "context (vllm)": ("400 This model's maximum context length is 4096 tokens. However, you requested 9000", "longer context", False),
    "https": ("400 The plain HTTP request was sent to HTTPS port", "https://", True),
    "quota": ("429 You exceeded your current quota, please check your plan and billing details.", "account", True),
    "only thought": ("thought", "max_tokens", False),
}


@pytest.mark.parametrize("case", HOPELESS)
def test_what_is_hopeless_is_asked_once_and_says_what_to_do(engine_at, film, case):
    fault, remedy, blocks = HOPELESS[case]
    with ChatServer(lambda asked: SCRIPT, faults=[fault] * 9) as server:
        error = refusal(engine_at(server, outage_s=60.0), film)
        assert sum(server.asked.values()) == 1
    assert remedy in error.remedy and error.blocks == blocks


class _Deaf(BaseHTTPRequestHandler):
    """Answers whatever comes in plain HTTP, TLS greetings too."""

    def log_message(self, *_):
        pass


def test_tls_to_a_plain_port_is_tried_once(engine_at, film):
    plain = ThreadingHTTPServer(("127.0.0.1", 0), _Deaf)
    threading.Thread(target=plain.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    with ChatServer(lambda asked: SCRIPT) as server:
        engine = engine_at(server, url=f"https://127.0.0.1:{plain.server_address[1]}/v1", outage_s=60.0)
        begun_s = time.monotonic()
        error = refusal(engine, film)
    plain.shutdown()
    plain.server_close()
    assert time.monotonic() - begun_s < 5.0
    assert "does not speak TLS" in str(error) and "http://" in error.remedy and error.blocks


def test_tls_to_a_port_that_waits_for_a_line_is_tried_once(engine_at, film, monkeypatch):
    """llama.cpp's server reads a greeting without a line's end, and waits for more; a plain question shows what it is."""
    monkeypatch.setattr("omniscript_mam.remote_text.asking.CONNECT_S", 0.4)
    silent = socket.create_server(("127.0.0.1", 0))
    halt = threading.Event()

    def serve():
        silent.settimeout(0.1)
        while not halt.is_set():
            try:
                met, _ = silent.accept()
            except TimeoutError:
                continue
            threading.Thread(target=speak, args=(met,), daemon=True).start()

    def speak(met):
        if met.recv(4096).startswith(b"GET"):
            met.sendall(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")
        else:
            halt.wait(20)
        met.close()

    serving = threading.Thread(target=serve, daemon=True)
    serving.start()
    with ChatServer(lambda asked: SCRIPT) as server:
        error = refusal(engine_at(server, url=f"https://127.0.0.1:{silent.getsockname()[1]}/v1", outage_s=60.0), film)
    halt.set()
    serving.join()
    silent.close()
    assert "does not speak TLS" in str(error) and error.blocks


def test_a_server_that_wants_tls_says_so(engine_at, film):
    with socket.create_server(("127.0.0.1", 0)) as wants_tls, ChatServer(lambda asked: SCRIPT) as server:

        def serve():
            met, _ = wants_tls.accept()
            met.recv(65536)
            met.sendall(b"\x15\x03\x03\x00\x02\x02\x46")  # alert: protocol version
            met.close()

        threading.Thread(target=serve, daemon=True).start()
        error = refusal(engine_at(server, url=f"http://127.0.0.1:{wants_tls.getsockname()[1]}/v1", outage_s=60.0), film)
    assert "speaks TLS" in str(error) and "https://" in error.remedy and error.blocks


def test_a_failed_batch_is_asked_no_more_often_than_said(engine_at, film, tmp_path):
    with ChatServer(lambda asked: SCRIPT, faults=["500"] * 99) as server:
        replies = Replies(engine_at(server, concurrency=4, num_tries=3), Checkpoints(tmp_path))
        failures = replies.ask([request_of(film, clip=None, prompt=str(n)) for n in range(4)], lambda index, piece: None)
    assert all(isinstance(failure, Failure) for failure in failures)
    assert list(server.asked.values()) == [3] * 4


def test_a_failed_question_is_paid(engine_at, film, tmp_path):
    price = {"prompt": 1.0, "completion": 1.0, "currency": "EUR"}
    with ChatServer(lambda asked: "  ") as server:  # whole, with usage, and of no use
        outcome = ask_script(engine_at(server, num_tries=3, price=price), film, tmp_path)
    assert outcome.fault and outcome.usage.num_requests == 3
    assert outcome.usage.num_prompt_tokens == 3 * (len("You write scripts.Write it.") // 4)
    assert outcome.usage.cost > 0


def test_a_server_that_nothing_can_be_asked_is_an_error(engine_at, film, tmp_path):
    with ChatServer(lambda asked: SCRIPT, faults=["401"]) as server, pytest.raises(RemoteError, match="401"):
        ask_script(engine_at(server), film, tmp_path)


# Outages ---------------------------------------------------------------------------------------------------------------------


def test_an_outage_is_waited_out_and_told(engine_at, film):
    with ChatServer(lambda asked: SCRIPT) as server:
        port = int(server.url.split(":")[2].split("/")[0])
    waits, heard_by = [], set()

    def on_wait(waiting):
        waits.append(waiting)
        heard_by.add(threading.current_thread())

    back = ChatServer(lambda asked: SCRIPT, port=0)
    engine = engine_at(back, url=f"http://127.0.0.1:{port}/v1", outage_s=60.0, num_tries=1)
    started_s = time.time()
    returned = []

    def come_back():
        time.sleep(1.0)
        returned.append(ChatServer(lambda asked: SCRIPT, port=port).__enter__())

    thread = threading.Thread(target=come_back)
    thread.start()
    (reply,) = engine.generate([request_of(film, clip=None)], on_wait=on_wait)
    thread.join()
    returned[0].__exit__()
    back._http.server_close()
    assert reply.text == SCRIPT and reply.usage.num_requests == 1  # nobody was there to be asked before
    assert waits[0].what == "server" and "refused" in waits[0].words and abs(waits[0].since_s - started_s) < 2.0
    assert waits[-1] is None and heard_by == {threading.current_thread()}


def test_a_server_that_loads_its_model_is_waited_for(engine_at, film):
    with ChatServer(lambda asked: SCRIPT, faults=["503 Loading model"] * 6) as server:
        waits = []
        (reply,) = engine_at(server, outage_s=60.0, num_tries=1).generate([request_of(film, clip=None)], on_wait=waits.append)
    assert reply.text == SCRIPT
    assert "503 Service Unavailable: Loading model" in waits[0].why


def test_an_outage_has_an_end(engine_at, film):
    with ChatServer(lambda asked: SCRIPT) as server:
        engine = engine_at(server, url="http://127.0.0.1:9/v1", outage_s=0.6)
        error = refusal(engine, film)
    assert "was waited for 0.01 minutes without success" in str(error) and error.blocks and "retry the job" in error.remedy


# Who answered ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "served", "is_other"),
    [
        ("gpt-99-vision", "qwen-coder-0.5b", True),
        ("gpt-4o", "gpt-4o-2024-08-06", False),
        ("Qwen/Qwen3-VL-8B-Instruct", "qwen3-vl-8b-instruct", False),
        ("qwen3-vl:8b", "qwen3-vl:8b", False),
        ("qwen3", "/models/Qwen3-Q4_K_M.gguf", False),
        ("qwen3-vl", "qwen2-vl", True),
        ("anything", "", False),
    ],
)
def test_another_model_is_told_from_a_longer_name(asked, served, is_other):
    assert other_model(asked, served) == (served if is_other else "")


def test_the_model_that_answered_is_known(engine_at, film, tmp_path):
    with ChatServer(lambda asked: SCRIPT, served="another-7b") as server:
        outcome = ask_script(engine_at(server), film, tmp_path)
        again = ask_script(engine_at(server), film, tmp_path)
    assert outcome.model == again.model == "another-7b"
    assert json.loads(next(tmp_path.glob("script-*")).read_text())["model"] == "another-7b"
