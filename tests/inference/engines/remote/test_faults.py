"""What goes wrong on a network: every fault in turn, and the request is answered in the end, once, with its cost counted."""

from __future__ import annotations

import logging
import threading
import time

import pytest

from inference.engines.base import Failure
from inference.engines.remote.endpoints import endpoint_named
from inference.engines.remote.remote_engine import RemoteEngine
from inference.errors import EndpointError, RemoteError, WriterError
from tests.inference.engines.remote.server import FAULTS, KEY, ChatServer
from tests.inference.engines.remote.test_shapes import request_of


def refusal(engine, film, **request):
    """Why the engine has no reply."""
    (failure,) = engine.generate([request_of(film, clip=None, **request)])
    assert isinstance(failure, Failure), failure
    assert isinstance(failure.error, RemoteError)
    return failure.error


TEXT = '{"scenes": [' + ", ".join(f'{{"location": "Place {n}"}}' for n in range(20)) + "]}"


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_survived(engine_at, film, fault):
    told = []
    with ChatServer(lambda asked: TEXT, faults=[fault]) as server:
        engine = engine_at(server, silence_s=1.0, timeout_s=8.0, price={"prompt": 2.0, "completion": 8.0, "currency": "EUR"})
        (reply,) = engine.generate([request_of(film, clip=None)], lambda index, piece: told.append(piece))
    assert reply.text == TEXT
    assert "".join(told) == TEXT  # never taken back, never twice
    assert server.refused == []
    num_tries = 1 if fault == "drip" else 2
    assert reply.usage.num_requests == num_tries == sum(server.asked.values())
    assert list(server.answered.values()) == [1]
    num_pieces = -(-len(TEXT) // server.pieces)  # of an attempt whose usage was not told, as many tokens as pieces are sure
    assert len(TEXT) // 4 <= reply.usage.num_new_tokens <= len(TEXT) // 4 + num_pieces
    assert (reply.usage.num_new_tokens > len(TEXT) // 4) == (fault in {"half", "cut", "not-json", "not-object", "empty", "error-event"})
    assert reply.usage.cost == pytest.approx((reply.usage.num_prompt_tokens * 2 + reply.usage.num_new_tokens * 8) / 1e6)
    assert reply.usage.currency == "EUR"


@pytest.mark.parametrize("fault", ["429", "500", "half", "not-json", "wrong-type", "hang", "close"])
def test_a_fault_of_an_answer_in_one_piece_is_survived(engine_at, film, fault):
    with ChatServer(lambda asked: TEXT, faults=[fault]) as server:
        (reply,) = engine_at(server, streaming=False, timeout_s=0.5, queue_s=0.5).generate([request_of(film, clip=None)])
    assert reply.text == TEXT and reply.usage.num_requests == 2


def test_an_attempt_that_never_falls_silent_has_an_end_too(engine_at, film):
    with ChatServer(lambda asked: TEXT, faults=["drip"]) as server:
        (reply,) = engine_at(server, timeout_s=0.5).generate([request_of(film, clip=None)])
    assert reply.text == TEXT and reply.usage.num_requests == 2


def test_retry_after_is_heeded(engine_at, film):
    with ChatServer(lambda asked: TEXT, faults=["429", "429"]) as server:
        begun_s = time.monotonic()
        engine_at(server).generate([request_of(film, clip=None)])
    assert time.monotonic() - begun_s > 0.4


def test_what_failed_attempts_used_is_paid_too(engine_at, film):
    with ChatServer(lambda asked: "  ") as server:  # whole, with usage, and of no use
        engine = engine_at(server, num_tries=3)
        server.answer = lambda asked: "  " if sum(server.asked.values()) < 3 else TEXT
        (reply,) = engine.generate([request_of(film, clip=None)])
    assert reply.usage.num_requests == 3
    assert reply.usage.num_prompt_tokens == 3 * (len("You write scripts.Write it.") // 4)


@pytest.mark.parametrize("status", ["400", "401", "403", "404", "413", "422"])
def test_a_refusal_is_not_repeated_and_names_all_but_the_key(engine_at, film, caplog, status):
    caplog.set_level(logging.DEBUG)
    with ChatServer(lambda asked: TEXT, faults=[status]) as server:
        error = refusal(engine_at(server), film)
    assert sum(server.asked.values()) == 1
    message = str(error)
    assert "'test'" in message and status in message and server.url.split("/")[2] in message and "no, Bearer [key]" in message
    assert error.code == "writer.remote" and error.status == int(status) and error.remedy
    assert error.blocks == (status in {"401", "403", "404"})
    assert KEY not in message + error.remedy + repr(error) + caplog.text


def test_attempts_are_bounded_and_the_last_words_are_kept(engine_at, film):
    with ChatServer(lambda asked: TEXT, faults=["500"] * 9) as server:
        error = refusal(engine_at(server, num_tries=3), film)
    assert sum(server.asked.values()) == 3
    assert "was asked 3 times" in str(error) and "the engine fell over" in str(error)
    assert str(error).isprintable() and not error.blocks


def test_nobody_there(engine_at, film):
    with ChatServer(lambda asked: TEXT) as server:
        engine = engine_at(server, url="http://127.0.0.1:9/v1", num_tries=2)
        error = refusal(engine, film)
    assert "was asked 2 times without success; last: ConnectError" in str(error) and error.blocks and "Start the server" in error.remedy
    assert not server.asked


def test_a_redirect_is_not_followed(engine_at, film):
    with (
        ChatServer(lambda asked: TEXT) as other,
        ChatServer(lambda asked: TEXT, faults=[f"redirect {other.url}/chat/completions"]) as server,
    ):
        error = refusal(engine_at(server), film)
    assert "redirects are not followed" in str(error) and error.blocks
    assert not other.asked


def test_an_answer_without_end_is_bounded(engine_at, film, monkeypatch):
    monkeypatch.setattr("omniscript_mam.remote_text.payloads.MAX_ANSWER_BYTES", 100_000)
    with ChatServer(lambda asked: TEXT, faults=["endless"]) as server:
        (reply,) = engine_at(server).generate([request_of(film, clip=None)])
    assert reply.text == TEXT


def test_an_answer_in_circles_is_stopped_and_not_asked_for_again(engine_at, film):
    with ChatServer(lambda asked: TEXT, faults=["loop"]) as server:
        (reply,) = engine_at(server).generate([request_of(film, clip=None)])
        assert sum(server.asked.values()) == 1
    assert reply.finish == "cycle"
    assert TEXT.startswith(reply.text.partition("and then again")[0])
    assert len(reply.text) < 5000


def test_a_batch_is_asked_side_by_side_and_answered_in_order(engine_at, film):
    def answer(asked):
        time.sleep(0.3 if asked.prompt == "0" else 0.1)
        return f"answer {asked.prompt}"

    threads = set()
    with ChatServer(answer) as server:
        requests = [request_of(film, clip=None, prompt=str(number)) for number in range(8)]
        engine = engine_at(server, concurrency=3)
        assert engine.batch_size == 3
        replies = engine.generate(requests, lambda index, piece: threads.add(threading.current_thread()))
    assert [reply.text for reply in replies] == [f"answer {number}" for number in range(8)]
    assert server.most_at_once == 3
    assert threads == {threading.current_thread()}


def test_a_request_that_fails_costs_its_neighbours_nothing(engine_at, film):
    with ChatServer(lambda asked: TEXT) as server:
        requests = [request_of(film, clip=None, prompt=str(number)) for number in range(6)]
        engine = engine_at(server, concurrency=2)
        server.faults.extend(["", "401"])
        first = engine.generate(requests)
        assert [isinstance(reply, Failure) for reply in first].count(True) == 1
        assert [reply.text for reply in engine.generate(requests)] == [TEXT] * 6
    assert sum(server.asked.values()) == 12


@pytest.mark.parametrize("fault", ["hang", "endless"])
def test_stopping_stops_at_once(engine_at, film, fault):
    class Enough(Exception):
        pass

    def on_text(index, piece):
        raise Enough

    with ChatServer(lambda asked: TEXT, faults=[fault] * 4) as server:
        engine = engine_at(server, silence_s=25.0, concurrency=2)
        begun_s = time.monotonic()
        with pytest.raises(Enough):
            engine.generate([request_of(film, clip=None, prompt=str(number)) for number in range(4)], on_text)
        assert time.monotonic() - begun_s < 3.0
        assert sum(server.asked.values()) <= 2  # the others were never sent


def test_a_proxy_of_the_environment_is_used(engine_at, film, monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("NO_PROXY", "")
    with ChatServer(lambda asked: TEXT) as server:
        refusal(engine_at(server, num_tries=1), film)
    assert not server.asked


BROKEN = {
    "not toml": ("[a\n", "is not TOML"),
    "no table": ('a = "x"\n', "endpoint 'a': write a table"),
    "a key in the file": ('[a]\nurl = "http://h/v1"\nmodel = "m"\napi_key = "secret"\n', "key 'api_key': keys do not stand in this file"),
    "unknown key": ('[a]\nurl = "http://h/v1"\nmodel = "m"\nvidoe = "mp4"\n', "endpoint 'a': key 'vidoe'"),
    "no address": ('[a]\nurl = "ftp://h"\nmodel = "m"\n', "key 'url': is not an http or https address"),
    "a password": ('[a]\nurl = "http://me:pw@h/v1"\nmodel = "m"\n', "must hold no user, password"),
    "whole path": ('[a]\nurl = "http://h/v1/chat/completions"\nmodel = "m"\n', "ends before /chat/completions"),
    "no model": ('[a]\nurl = "http://h/v1"\n', "key 'model'"),
    "capability": ('[a]\nurl = "http://h/v1"\nmodel = "m"\nvideo = "gif"\n', "key 'video'"),
    "sound in pictures": ('[a]\nurl = "http://h/v1"\nmodel = "m"\nvideo = "images"\naudio = "in_video"\n', 'needs video = "mp4"'),
    "ours": ('[a]\nurl = "http://h/v1"\nmodel = "m"\nextra_body = {stream = false}\n', "may not set stream"),
    "price": ('[a]\nurl = "http://h/v1"\nmodel = "m"\nprice = {prompt = -1, completion = 1}\n', "key 'price.prompt'"),
    "name": ('["A b"]\nurl = "http://h/v1"\nmodel = "m"\n', "a name has small letters"),
}


@pytest.mark.parametrize("case", BROKEN)
def test_what_is_wrong_with_a_declaration_is_said_with_its_place(declare, case):
    text, words = BROKEN[case]
    path = declare(text)
    with pytest.raises(EndpointError) as caught:
        endpoint_named()
    assert words in str(caught.value) and str(path) in str(caught.value) and caught.value.remedy
    assert "secret" not in str(caught.value) and "me:pw" not in str(caught.value)


def test_a_key_that_is_not_set(declare, monkeypatch):
    declare('[a]\nurl = "http://h/v1"\nmodel = "m"\napi_key_env = "OMNISCRIPT_TEST_KEY"\n')
    monkeypatch.delenv("OMNISCRIPT_TEST_KEY")
    with pytest.raises(WriterError, match="OMNISCRIPT_TEST_KEY is not set"):
        RemoteEngine(endpoint_named())


def test_the_version_tells_what_shapes_answers(declare):
    table = '[a]\nurl = "http://h/v1"\nmodel = "Org/Model 2"\n'

    def version(extra):
        declare(table + extra)
        return endpoint_named().version

    assert version("").startswith("Org_Model_2-")
    assert version("") == version("concurrency = 9\n") != version('video = "mp4"\n')
