"""Finding one thing among many by what people type: the database does it, whatever the archive's size."""

from __future__ import annotations

import uuid

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from omniscript_mam.errors import ConflictError, NotFoundError
from omniscript_mam.models import Asset, Job, State
from omniscript_mam.selectors.identifiers import uuid_range
from omniscript_mam.selectors.jobs import find_job
from omniscript_mam.selectors.library import find_asset, titles
from omniscript_mam.viewer import EVERYBODY

pytestmark = pytest.mark.django_db


def make(hex_id: str, title: str = "film") -> tuple[Asset, Job]:
    asset = Asset.objects.create(id=uuid.UUID(hex_id), title=title)
    return asset, Job.objects.create(id=uuid.UUID(hex_id), asset=asset, state=State.DONE)


FIRST, SECOND, THIRD = "abc0" + "0" * 28, "abc1" + "f" * 28, "abd" + "0" * 29


@pytest.mark.parametrize(
    ("prefix", "ends"),
    [
        ("abc", ("abc" + "0" * 29, "abc" + "f" * 29)),
        ("ABC0-", ("abc0" + "0" * 28, "abc0" + "f" * 28)),
        (FIRST, (FIRST, FIRST)),
        ("", None),
        ("-", None),
        ("xyz", None),
        ("a" * 33, None),
    ],
)
def test_a_prefix_is_a_range_of_ids(prefix, ends):
    assert uuid_range(prefix) == (ends and tuple(map(uuid.UUID, ends)))


def test_a_job_by_the_beginning_of_its_id():
    jobs = [make(hex_id)[1] for hex_id in (FIRST, SECOND, THIRD)]
    assert find_job(EVERYBODY, "abc0") == jobs[0]
    assert find_job(EVERYBODY, "ABD") == jobs[2]
    assert find_job(EVERYBODY, str(jobs[1].id)) == jobs[1]
    with pytest.raises(ConflictError, match="2 jobs"):
        find_job(EVERYBODY, "abc")
    for nobody in ("abe", "", "no such", "a" * 33):
        with pytest.raises(NotFoundError):
            find_job(EVERYBODY, nobody)


def test_an_asset_by_title_id_part_and_file():
    first, _ = make(FIRST, "Sintel")
    second, _ = make(SECOND, "Abc of the sea")
    assert find_asset(EVERYBODY, "sintel") == first
    assert find_asset(EVERYBODY, "abc1") == second
    assert find_asset(EVERYBODY, "of the") == second
    assert find_asset(EVERYBODY, "abc") == second, "three characters are a part of a title"
    with pytest.raises(NotFoundError):
        find_asset(EVERYBODY, "")


def test_the_number_of_rows_read_does_not_grow_with_the_archive():
    for number in range(40):
        make(f"{number:032x}", f"film {number}")
    make(FIRST)
    with CaptureQueriesContext(
        connection,
    ) as asked:
        find_job(EVERYBODY, "abc0")
        find_asset(EVERYBODY, "abc0")
    assert all("LIMIT" in query["sql"] or "COUNT" in query["sql"] for query in asked.captured_queries), asked.captured_queries


def test_titles_are_one_query(django_assert_num_queries):
    first, _ = make(FIRST, "Sintel")
    with django_assert_num_queries(1):
        assert titles(EVERYBODY, [str(first.id), str(uuid.uuid4()), "nonsense"]) == {str(first.id): "Sintel"}


def test_searching_builds_no_cards_of_the_library(client: Client, monkeypatch):
    from omniscript_mam.web.views import search as view

    monkeypatch.setattr(view, "library", lambda **_: pytest.fail("the library was read"))
    assert client.get("/search/?q=hello").status_code == 200
