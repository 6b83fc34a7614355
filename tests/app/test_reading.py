"""Questions read by a language model: the same structure, checked, never waited for longer than is set, and the rules where it fails."""

from __future__ import annotations

import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from omniscript_mam.selectors import reading
from omniscript_mam.selectors.search import search
from omniscript_mam.viewer import EVERYBODY
from search import SearchRequest
from search.query import Gazetteer
from search.query.told import told_text

from .test_saved_searches import harbour  # noqa: F401

pytestmark = pytest.mark.django_db(transaction=True)

QUESTION = "show me where Mara says the lantern burns but not at the pier please"
GAZETTEER = Gazetteer(names={"mara": frozenset({"Mara"}), "inspector voss": frozenset({"Mara"})})


def step(**parts: Any) -> dict[str, Any]:
    return {"who": [], "not_who": [], "place": "", "time": "", "mood": "", "what": "", "says": "", "without": []} | parts


def told(*steps: Any, question: str = QUESTION, **more: Any) -> str | None:
    return told_text({"steps": list(steps), "ordered": True, "within_s": 0} | more, question, GAZETTEER)


def test_an_answer_becomes_a_query_that_could_be_typed():
    first = step(who=["Mara"], says="the lantern burns", without=["pier"])
    assert told(first) == 'who:"Mara" dialogue:"the lantern burns" -words:"pier"'
    two = told(step(what="Mara burns"), step(what="the lantern", time="Night"), within_s=30.0)
    assert two == "Mara burns then the lantern time:Night within 30 seconds"
    assert told(step(what="Mara burns"), step(what="the lantern"), ordered=False) == "Mara burns while the lantern"


@pytest.mark.parametrize(
    "steps",
    [
        [], [step()], ["lantern"], [step(what="a submarine surfaces")], [step(who=["Napoleon"])], [step(what="Mara", time="Teatime")],
        [step(what="Mara", mood="so-so")], [step(what=7)], [step(what="Mara", sql="drop table")], [step(what="Mara")] * 4,
        [step(what="Mara " * 60)], [step(who=["Mara"] * 9)],
    ],
)  # fmt: skip
def test_what_the_question_does_not_say_is_no_reading(steps):
    assert told(*steps) is None


@pytest.mark.parametrize("answer", [None, [], "x", {}, {"steps": {}}, {"steps": [[]]}])
def test_anything_else_is_no_reading(answer):
    assert told_text(answer, QUESTION, GAZETTEER) is None


def test_syntax_in_an_answer_is_only_words():
    assert told(step(what='Mara "in:pier" the'), question=QUESTION + " in") == "Mara in pier the"


class Model(BaseHTTPRequestHandler):
    """Answers what the test says, after the pause it says, and counts."""

    said: Any = {}
    status = 200
    pause_s = 0.0
    asked = 0

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        Model.asked += 1
        time.sleep(Model.pause_s)
        content = Model.said if isinstance(Model.said, str) else json.dumps(Model.said)
        body = json.dumps({"choices": [{"message": {"role": "assistant", "content": content}}]}).encode()
        try:
            self.send_response(Model.status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)
        except OSError:  # nobody waits any more
            return

    def log_message(self, *arguments: Any) -> None:
        """Quiet."""


@pytest.fixture
def model(settings, tmp_path, monkeypatch):
    server = ThreadingHTTPServer(("127.0.0.1", 0), Model)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    endpoints = tmp_path / "endpoints.toml"
    endpoints.write_text(f'[reader]\nurl = "http://127.0.0.1:{server.server_port}/v1"\nmodel = "m"\ntitle = "A reader"\n')
    monkeypatch.setenv("OMNISCRIPT_ENDPOINTS", str(endpoints))
    settings.OMNISCRIPT = {**settings.OMNISCRIPT, "SEARCH_READER": "reader", "SEARCH_READER_S": 5.0}
    Model.said, Model.status, Model.pause_s, Model.asked = (
        {"steps": [step(what="lantern burns")], "ordered": True, "within_s": 0},
        200,
        0.0,
        0,
    )
    reading._remembered.clear()
    yield Model
    server.shutdown()
    server.server_close()


def ask(text: str = QUESTION, **options: Any):
    return search(EVERYBODY, SearchRequest(text), **options)


def test_the_model_reads_and_the_answer_says_so(harbour, model, client):  # noqa: F811
    page = ask()
    assert (page.read_by, page.read_as) == ("A reader", "lantern burns") and page.results.total == 1
    assert {chip.value for chip in page.results.chips} == {"lantern", "burns"}
    ask()
    assert model.asked == 1  # remembered
    assert "Read by A reader" in client.get("/search/", {"q": QUESTION}).content.decode()
    assert client.get("/api/v1/search", {"q": QUESTION}).json()["read_by"] == "A reader"
    assert ask(by_model=False).read_by == "" and ask("lantern").read_by == "" and ask('mara says "the lantern burns"').read_by == ""


@pytest.mark.parametrize("said", ["no JSON", "[1, 2", {"steps": [step(what="a submarine")]}, {"steps": "many"}, [[]], "[" * 100_000])
def test_what_makes_no_sense_leaves_it_to_the_rules(harbour, model, said):  # noqa: F811
    model.said = said
    assert (page := ask()).read_by == "" and page.results.chips


def test_a_refusal_or_a_setting_that_is_wrong_leaves_it_to_the_rules(harbour, model, settings):  # noqa: F811
    model.status = 500
    assert ask().read_by == ""
    settings.OMNISCRIPT = {**settings.OMNISCRIPT, "SEARCH_READER": "nobody"}
    assert ask().read_by == ""


def test_a_slow_model_is_not_waited_for(harbour, model, settings):  # noqa: F811
    ask(by_model=False)  # the index is open
    model.pause_s = 20.0
    settings.OMNISCRIPT = {**settings.OMNISCRIPT, "SEARCH_READER_S": 0.3}
    began_s = time.monotonic()
    assert ask().read_by == ""
    assert time.monotonic() - began_s < 8.0
