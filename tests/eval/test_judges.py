"""Judges: the embedding judge's matrix, and the LLM judge against a real HTTP server that replays faults."""

import json
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import numpy as np
import pytest

from eval.characters import Category
from eval.errors import JudgeError, JudgeSettingError
from eval.judges.embedding import EmbeddingJudge, MultilingualJudge
from eval.judges.llm import JudgeEndpoint, LlmJudge
from eval.judges.prompts import CRITERIA, field_prompt
from eval.judges.synonyms import SynonymJudge


def embed_letters(texts):
    """A vector of letter counts: enough to be right about identical and disjoint texts."""
    counts = np.array([[text.count(chr(97 + i)) for i in range(26)] for text in texts], dtype=float)
    return counts / np.maximum(np.linalg.norm(counts, axis=1, keepdims=True), 1e-9)


class TestEmbedding:
    def test_equal_texts_are_one_and_disjoint_ones_nothing(self):
        matrix = EmbeddingJudge(embed_letters, "letters").matrix("action", ["aab", "ccd"], ["aab", "eef", "abb"])
        assert matrix[0][0] == 1 and matrix[0][1] == 0
        assert matrix[0][2] == pytest.approx(0.8)

    def test_texts_are_embedded_once_in_one_batch(self):
        calls = []
        judge = EmbeddingJudge(lambda texts: calls.append(list(texts)) or embed_letters(texts), "letters")
        judge.prepare("action", [(["a"], ["b", "c"]), (["a"], ["d"])])
        judge.matrix("action", ["a"], ["b", "c"])
        assert calls == [["a", "b", "c", "d"]]

    def test_an_embedder_that_answers_nonsense_is_an_error(self):
        with pytest.raises(JudgeError, match="letters"):
            EmbeddingJudge(lambda texts: np.full((len(texts), 3), np.nan), "letters").matrix("action", ["a"], ["b"])


class TestMultilingual:
    def test_each_pair_goes_to_the_judge_that_can_read_it(self):
        asked = []

        def other(texts):
            asked.extend(texts)
            return np.ones((len(texts), 1))

        judge = MultilingualJudge(EmbeddingJudge(embed_letters, "letters"), EmbeddingJudge(other, "other"), str.isascii)
        judge.prepare("action", [(["aab"], ["abb"]), (["他跑了"], ["他逃走"])])
        assert judge.matrix("action", ["aab"], ["abb"]) == [[pytest.approx(0.8)]]
        assert judge.matrix("action", ["他跑了"], ["他逃走"]) == [[1.0]]
        assert set(asked) == {"他跑了", "他逃走"}
        assert "letters" in judge.name and "other" in judge.name


class TestSynonyms:
    def test_the_judge_behind_scores_what_the_table_does_not_know(self):
        judge = SynonymJudge(EmbeddingJudge(embed_letters, "letters"))
        assert judge.matrix("time", ["dawn"], ["early morning", "abc"])[0][0] == 1
        assert judge.matrix("time", ["cba"], ["abc"]) == [[pytest.approx(1)]]


@pytest.fixture
def server():
    """A server that answers what the test put into ``replies``: a status and the text of the message, in turn."""

    class Answering(BaseHTTPRequestHandler):
        def do_POST(self):
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            self.server.requests.append((self.path, dict(self.headers), body))
            status, content = self.server.replies.pop(0) if self.server.replies else (200, '{"matrix": [[0.5]]}')
            payload = content if isinstance(content, bytes) else json.dumps({"choices": [{"message": {"content": content}}]}).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            if 300 <= status < 400:
                self.send_header("Location", content)
            self.send_header("Content-Length", str(len(payload)))
            self.end_headers()
            self.wfile.write(payload)

        def log_message(self, *_):
            pass

    http = HTTPServer(("127.0.0.1", 0), Answering)
    http.replies, http.requests = [], []
    thread = threading.Thread(target=http.serve_forever)
    thread.start()
    yield http
    http.shutdown()
    thread.join()
    http.server_close()


@pytest.fixture
def judge(server, tmp_path):
    address = f"http://127.0.0.1:{server.server_port}/v1"
    return LlmJudge(JudgeEndpoint(address, "judge-1", "secret", timeout_s=5, backoff_s=0.01), tmp_path)


class TestLlm:
    def test_the_request_and_the_cache(self, server, judge, tmp_path):
        assert judge.matrix("action", ["runs away"], ["flees"]) == [[0.5]]
        path, headers, body = server.requests[0]
        assert path == "/v1/chat/completions" and headers["Authorization"] == "Bearer secret"
        assert (body["model"], body["temperature"]) == ("judge-1", 0)
        assert body["messages"][0]["content"] == field_prompt("action", ["runs away"], ["flees"])
        offline = LlmJudge(JudgeEndpoint("http://127.0.0.1:9/v1", "judge-1"), tmp_path)
        assert offline.matrix("action", ["runs away"], ["flees"]) == [[0.5]]
        assert (len(server.requests), offline.num_calls) == (1, 0)

    def test_busy_servers_are_asked_again(self, server, judge):
        server.replies[:] = [(429, ""), (503, ""), (200, '{"matrix": [[0.25]]}')]
        assert judge.matrix("mood", ["sad"], ["gloomy"]) == [[0.25]]
        assert len(server.requests) == 3

    @pytest.mark.parametrize(
        "reply", [(200, "no json"), (200, '{"matrix": [[0.1, 0.2]]}'), (200, '{"matrix": [["x"]]}'), (200, "[]"), (401, "")]
    )
    def test_what_cannot_be_judged_is_unjudged_and_not_kept(self, server, judge, reply):
        server.replies[:] = [reply]
        assert judge.matrix("mood", ["sad"], ["gloomy"]) is None
        assert len(judge.failures) == 1
        if reply[0] == 401:
            assert judge.matrix("mood", ["sad"], ["gloomy"]) == [[0.5]]

    ODD = (b"[]", b"{}", b'{"choices": 7}', b'{"choices": [7]}', b'{"choices": [{"message": null}]}', b"\xff", b"[" * 50_000)

    @pytest.mark.parametrize("payload", ODD)
    def test_an_odd_answer_is_asked_for_again(self, server, judge, payload):
        server.replies[:] = [(200, payload)]
        assert judge.matrix("mood", ["sad"], ["gloomy"]) == [[0.5]]
        assert judge.num_calls == 2

    @pytest.mark.parametrize("value", ["1" + "0" * 400, "1e999", "NaN", "-0.1"])
    def test_a_number_that_is_none_is_an_error(self, server, judge, value):
        server.replies[:] = [(200, f'{{"matrix": [[{value}]]}}')]
        with pytest.raises(JudgeError):
            judge.matrix("mood", ["sad"], ["gloomy"])

    @pytest.mark.parametrize(
        "answer",
        [
            {"categories": {"Jin": ["proper"], "cop": {}}, "mapping": {"Boss": ["Jin"]}, "conflicts": [[["a"], {}], 7]},
            {"categories": {}, "mapping": {"Boss": {}}, "conflicts": 7},
        ],
    )
    def test_odd_mappings_map_nobody(self, server, judge, answer):
        server.replies[:] = [(200, json.dumps(answer))]
        assert judge.map_characters(["Jin"], ["Boss"]) == ({}, {})

    def test_a_redirect_is_not_followed_and_the_key_is_told_to_nobody(self, server, judge):
        elsewhere = f"http://127.0.0.1:{server.server_port}/elsewhere"
        server.replies[:] = [(307, elsewhere)]
        assert judge.matrix("mood", ["sad"], ["gloomy"]) is None
        assert [path for path, _, _ in server.requests] == ["/v1/chat/completions"]
        assert "redirects are not followed" in judge.failures[0]
        server.replies[:] = [(401, b'{"error": {"message": "no such key: secret"}}')]
        assert judge.matrix("mood", ["sad"], ["gloomy"]) is None
        assert "secret" not in judge.failures[1]

    def test_a_number_out_of_range_is_an_error_that_names_the_pair(self, server, judge):
        server.replies[:] = [(200, '{"matrix": [[1.5]]}')]
        with pytest.raises(JudgeError, match=r"'sad' against 'gloomy' with 1\.5"):
            judge.matrix("mood", ["sad"], ["gloomy"])

    def test_characters_are_mapped_without_conflicts_and_strangers(self, server, judge):
        answer = {
            "categories": {"Old Jin": "proper", "cop": "singular", "x": "nonsense"},
            "mapping": {"Boss Jin": "Old Jin", "thief": "cop", "stranger": "Old Jin"},
            "conflicts": [["cop", "thief"]],
        }
        server.replies[:] = [(200, json.dumps(answer))]
        mapping, categories = judge.map_characters(["Old Jin", "cop"], ["Boss Jin", "thief"])
        assert mapping == {"Boss Jin": "Old Jin"}
        assert categories == {"Old Jin": Category.PROPER, "cop": Category.SINGULAR}


@pytest.mark.parametrize("address", ["ftp://host/v1", "file:///etc/passwd", "nonsense", "http://user:password@host/v1"])
def test_an_address_that_cannot_be_asked_is_refused_at_once(address, tmp_path):
    with pytest.raises(JudgeSettingError) as caught:
        LlmJudge(JudgeEndpoint(address, "judge-1"), tmp_path)
    assert "password@" not in str(caught.value)


def test_every_judged_field_has_criteria_in_both_languages():
    for field, (english, chinese) in CRITERIA.items():
        assert english in field_prompt(field, ["a"], ["b"])
        assert chinese in field_prompt(field, ["他跑了"], ["他逃走"])
