"""Writers by name, and what people read about them: honest whatever the endpoints' file holds, and light."""

from __future__ import annotations

import subprocess
import sys

import pytest

from inference.errors import WriterError
from inference.writers import writer, writer_names
from inference.writers.cards import writer_card, writer_cards

GOOD = '[good]\nurl = "https://models.example.org/v1"\nmodel = "Org/Omni"\nvideo = "images"\naudio = "part"\n'
BAD = '[bad]\nurl = "https://models.example.org/v1"\nmodel = "m"\nvideo = "gif"\n'


def test_without_a_file_the_remote_writer_says_how_to_get_one(monkeypatch):
    monkeypatch.delenv("OMNISCRIPT_ENDPOINTS", raising=False)
    card = writer_card("remote")
    assert card is not None and not card.ready and "OMNISCRIPT_ENDPOINTS" in card.remedy
    assert "remote" in writer_names()
    with pytest.raises(WriterError, match="No endpoint is declared"):
        writer("remote")


def test_each_endpoint_has_a_card_and_a_bad_one_harms_nobody(declare):
    declare(GOOD + 'price = {prompt = 0.4, completion = 1.6}\napi_key_env = "OMNISCRIPT_TEST_KEY"\n' + BAD)
    cards = {card.name: card for card in writer_cards()}
    assert list(cards) == ["lite", "omniscript", "remote", "remote-good", "remote-bad"]
    good = cards["remote-good"]
    assert good.ready and good.hears and good.sees
    assert (good.sent_to, good.title) == ("models.example.org", "Org/Omni at models.example.org")
    assert good.price == "0.4 + 1.6 USD per million tokens in + out"
    assert not cards["remote-bad"].ready and "key 'video'" in cards["remote-bad"].problem
    assert {"remote", "remote-good"} <= set(writer_names()) and "remote-bad" not in writer_names()
    assert writer("remote").name == writer("remote-good").name == "remote-good"
    assert writer("remote").version.endswith(good.version)
    with pytest.raises(WriterError, match="no endpoint called 'other'"):
        writer("remote-other")


def test_a_key_that_is_not_set_is_told_before_a_night_of_ingest(declare, monkeypatch):
    declare(GOOD + 'api_key_env = "OMNISCRIPT_TEST_KEY"\n')
    monkeypatch.delenv("OMNISCRIPT_TEST_KEY")
    card = writer_card("remote")
    assert card is not None and not card.ready and "OMNISCRIPT_TEST_KEY is not set" in card.problem


def test_a_file_that_is_no_toml_does_not_hide_the_other_writers(declare):
    declare("[good\n")
    names = [card.name for card in writer_cards()]
    assert names == ["lite", "omniscript", "remote"]
    assert "is not TOML" in writer_cards()[-1].problem
    assert "remote" in writer_names()


def test_reading_the_cards_loads_no_model_and_no_network_library(declare):
    declare(GOOD)
    code = "from inference.writers.cards import writer_cards; writer_cards(); import sys; print(*sorted(sys.modules))"
    loaded = set(subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60).stdout.split())
    assert loaded.isdisjoint({"torch", "transformers", "onnxruntime", "ctranslate2", "httpx2", "numpy"}), loaded
