"""Words that people read: languages by name, titles whole on demand, one sentence once."""

from __future__ import annotations

import pytest

from omniscript_mam.errors import UploadEmptyError
from omniscript_mam.web.presentation.languages import language_name


@pytest.mark.parametrize(
    ("tag", "name"),
    [("nn", "Norwegian Nynorsk"), ("en", "English"), ("pt-BR", "Portuguese (BR)"), ("yue", "Cantonese"), ("qqq", "qqq"), ("zh", "Chinese")],
)
def test_languages_have_names(tag, name):
    assert language_name(tag) == name


def test_every_language_that_the_recogniser_tells_has_a_name():
    tokenizer = pytest.importorskip("faster_whisper.tokenizer")
    assert [code for code in tokenizer._LANGUAGE_CODES if language_name(code) == code] == []


def test_an_empty_file_is_said_to_be_empty_once():
    error = UploadEmptyError("The file is empty.")
    assert "empty" not in error.remedy


@pytest.mark.django_db(transaction=True)
def test_a_cut_title_is_whole_in_its_tip(client, no_broker):
    from .test_api import upload

    title = "A very long title " * 20
    upload(client, title=title)
    assert f'title="{title.strip()}"' in client.get("/").content.decode()
