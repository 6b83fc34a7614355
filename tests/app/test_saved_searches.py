"""Saved searches: what is new is told once, to whoever may see it, on every door, and survives that a script is written anew."""

from __future__ import annotations

import json
import random

import pytest
from django.test import Client

from omniscript_mam.errors import ConflictError, NotFoundError, ParameterError
from omniscript_mam.models import Collection, SavedMoment
from omniscript_mam.selectors import saved
from omniscript_mam.selectors.search import completions
from omniscript_mam.services.archive import collections
from omniscript_mam.services.search import indexing, saving
from omniscript_mam.viewer import EVERYBODY, Viewer
from search import SearchRequest
from tests.search.questions import fuzzed

from .test_index_truth import make_asset, write

pytestmark = pytest.mark.django_db(transaction=True)

NORA = Viewer("7", "nora")


@pytest.fixture
def harbour(no_broker):
    asset = make_asset("Harbour")
    write(asset, "the lantern burns", "nothing happens")
    indexing.index_pending(EVERYBODY)
    return asset


def new(viewer: Viewer = EVERYBODY) -> dict[str, int]:
    return {row.name: row.num_new for row in saved.saved_searches(viewer)}


def test_what_fits_when_it_is_saved_is_not_new(harbour):
    kept = saving.save_search(EVERYBODY, "Lanterns", "lantern")
    assert new() == {"Lanterns": 0} and kept.moments.count() == 1 and kept.is_whole
    assert saved.num_new_moments(EVERYBODY) == 0


def test_a_new_film_is_told_until_somebody_looks(harbour):
    kept = saving.save_search(EVERYBODY, "Lanterns", "lantern")
    write(make_asset("Pier"), "a lantern falls", "the end")
    indexing.index_pending(EVERYBODY)
    assert new() == {"Lanterns": 1} and saved.num_new_moments(EVERYBODY) == 1
    assert [(moment.title, moment.start_s) for moment in saved.new_moments(EVERYBODY, kept.id)] == [("Pier", 1.0)]
    saving.note_looked(EVERYBODY, kept.id)
    assert new() == {"Lanterns": 0}


def test_the_same_moment_written_anew_is_not_new_but_another_one_is(harbour):
    kept = saving.save_search(EVERYBODY, "Lanterns", "lantern")
    write(harbour, "the lantern still burns", "nothing happens")
    indexing.index_pending(EVERYBODY)
    assert new() == {"Lanterns": 0} and kept.moments.count() == 1
    write(harbour, "it is dark", "a long pause", "nobody speaks", "somebody lights a lantern")
    indexing.index_pending(EVERYBODY)
    assert new() == {"Lanterns": 1} and kept.moments.count() == 1


def test_what_only_half_fits_is_no_news(harbour):
    saving.save_search(EVERYBODY, "Elephants", "lantern elephant")
    write(make_asset("Pier"), "a lantern falls")
    indexing.index_pending(EVERYBODY)
    assert new() == {"Elephants": 0}


def test_a_film_is_asked_about_again_where_indexing_was_killed(harbour, monkeypatch):
    saving.save_search(EVERYBODY, "Lanterns", "lantern")
    write(make_asset("Pier"), "a lantern falls")

    def killed(*arguments):
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(indexing, "look_again", killed)
        with pytest.raises(KeyboardInterrupt):
            indexing.index_pending(EVERYBODY)
    indexing.index_pending(EVERYBODY)
    assert new() == {"Lanterns": 1}


def test_everybody_keeps_their_own_and_sees_only_their_films(harbour):
    kept = saving.save_search(NORA, "Lanterns", "lantern")
    assert new() == {} and new(NORA) == {"Lanterns": 0}
    with pytest.raises(NotFoundError):
        saving.delete_search(EVERYBODY, kept.id)
    secret = make_asset("Secret")
    collections.move_assets(EVERYBODY, [str(secret.id)], Collection.objects.create(name="Vault").id)
    write(secret, "a secret lantern")
    indexing.index_pending(EVERYBODY)
    assert new(NORA) == {"Lanterns": 1}
    confined = Viewer("7", "nora", collections=frozenset({""}))
    assert new(confined) == {"Lanterns": 0} and saved.new_moments(confined, kept.id) == []
    assert [each.value for each in completions(NORA, "secr")] == ["Secret"]  # the film's title
    assert completions(confined, "secr") == ()


def test_names_questions_and_deleted_films(harbour):
    saving.save_search(EVERYBODY, "Lanterns", "lantern")
    for name, text, error in (("Lanterns", "x", ConflictError), (" ", "x", ParameterError), ("Empty", "  ", ParameterError)):
        with pytest.raises(error):
            saving.save_search(EVERYBODY, name, text)
    harbour.delete()
    assert SavedMoment.objects.count() == 0


def test_over_the_api(client, harbour):
    def send(address: str, body: dict):
        return client.post(address, json.dumps(body), content_type="application/json")

    root = "/api/v1/saved-searches"
    made = send(root, {"name": "Lanterns", "text": "lantern"})
    assert made.status_code == 201 and made.json()["num_moments"] == 1
    assert send(root, {"name": "Lanterns", "text": "lantern"}).status_code == 409
    assert send(root, {"name": "Odd", "filters": {"time": "Night"}}).status_code == 400
    write(make_asset("Pier"), "a lantern falls")
    indexing.index_pending(EVERYBODY)
    address = f"{root}/{made.json()['id']}"
    assert client.get(root).json()[0]["num_new"] == 1
    assert [moment["title"] for moment in client.get(address).json()["new"]] == ["Pier"]
    assert client.post(f"{address}/looked").status_code == 204 and client.get(address).json()["new"] == []
    assert client.delete(address).status_code == 204 and client.get(address).status_code == 404


def test_on_the_command_line(harbour, capsys):
    from omniscript_mam.commands.search import command

    def run(*arguments: str) -> int:
        return command.main([*arguments], standalone_mode=False)

    assert run("--save", "Lanterns", "lantern") == 0
    write(make_asset("Pier"), "a lantern falls")
    indexing.index_pending(EVERYBODY)
    capsys.readouterr()
    assert run("--saved") == 0 and "1 new" in capsys.readouterr().out
    assert run("--saved", "Lanterns") == 0 and "Pier" in capsys.readouterr().out
    assert run("--saved", "Lanterns") == 3
    assert run("lanten") in (0, 3) and "Did you mean: lantern" in capsys.readouterr().err
    assert run("--saved", "--forget", "Lanterns") == 0 and run("--saved") == 3


def test_on_the_page(client: Client, harbour):
    client.post("/search/save/", {"q": "lantern", "name": "Lanterns", "next": "/search/?q=lantern"})
    write(make_asset("Pier"), "a lantern falls")
    indexing.index_pending(EVERYBODY)
    assert "1 new" in client.get("/search/").content.decode()
    assert '<span class="new num">1' in client.get("/").content.decode()
    kept = saved.get_saved(EVERYBODY, "Lanterns")
    page = client.get(f"/search/saved/{kept.id}/").content.decode()
    assert "Pier" in page and "?t=1.000" in page
    client.post(f"/search/saved/{kept.id}/looked/")
    assert "Nothing new" in client.get(f"/search/saved/{kept.id}/").content.decode()
    client.post(f"/search/saved/{kept.id}/delete/")
    assert new() == {}


def test_layouts_of_the_results(client: Client, harbour):
    write(make_asset("Pier"), "a lantern falls", "a lantern burns")
    indexing.index_pending(EVERYBODY)
    board = client.get("/search/?q=lantern&view=storyboard").content.decode()
    line = client.get("/search/?q=lantern&view=timeline").content.decode()
    film = client.get("/search/?q=lantern&arrange=film").content.decode()
    assert "storyboard" in board and "film-mark" in line and "group-title" in film
    assert client.get("/api/v1/search?q=lantern&arrange=sideways").status_code == 400


def test_fuzzed_questions_at_the_doors(client: Client, harbour):
    """A few of the ten thousand, as a browser and a program send them."""
    for text in fuzzed(random.Random(6), 60, (0, 1, 2, 4)):
        shown = client.get("/search/", {"q": text, "view": "timeline"})
        offered = client.get("/search/completions/", {"q": text})
        assert (shown.status_code, offered.status_code) == (200, 200), text[:200]
        is_refused = "\0" in text or len(text) > 4000
        assert client.get("/api/v1/search", {"q": text}).status_code == (400 if is_refused else 200), text[:200]


def test_one_request_of_a_saved_search_is_of_the_new_film_alone(harbour, monkeypatch):
    from search import Searcher

    saving.save_search(EVERYBODY, "Lanterns", "lantern")
    asked: list[SearchRequest] = []
    real = Searcher.search
    monkeypatch.setattr(Searcher, "search", lambda self, request: (asked.append(request), real(self, request))[1])
    pier = make_asset("Pier")
    write(pier, "a lantern falls")
    indexing.index_pending(EVERYBODY)
    assert [request.asset_ids for request in asked] == [frozenset({str(pier.id)})]
