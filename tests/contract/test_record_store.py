"""What a record store must do, whatever it is made of."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from search.ports import RecordStore
from tests.contract.stores import KINDS, record_store, records_of


@pytest.fixture(params=KINDS)
def store(request, tmp_path) -> Iterator[RecordStore]:
    held = record_store(request.param, tmp_path / "index")
    for asset_id in ("tea", "snow"):
        held.replace(asset_id, 1, records_of(asset_id))
    yield held
    held.close()


def test_records_come_back_whole(store):
    record = records_of("tea")[1]
    assert store.records([record.id, "nobody:1:e1"]) == {record.id: record}
    assert store.records([]) == {}


def test_many_records_come_in_the_order_asked_for(store):
    wanted = [record.id for asset_id in ("tea", "snow") for record in reversed(records_of(asset_id))]
    assert list(store.records(wanted)) == wanted


def test_records_of_other_collections_are_left_out(store):
    tea, snow = records_of("tea")[0], records_of("snow")[0]
    assert tea.collection != snow.collection
    for _ in range(2):  # the second time from memory
        assert store.records([tea.id, snow.id], collections=frozenset({tea.collection})) == {tea.id: tea}
    assert store.records([tea.id, snow.id], collections=frozenset()) == {}


def test_records_of_an_asset(store):
    assert store.of_asset("tea") == sorted(records_of("tea"), key=lambda record: record.id)
    assert store.of_asset("nobody") == []


def test_replacing_and_removing(store):
    new = records_of("tea", 2)[:3]
    store.replace("tea", 2, new)
    assert store.contents() == {"snow": (1, len(records_of("snow"))), "tea": (2, 3)}
    assert store.records([records_of("tea")[0].id]) == {} and len(store.of_asset("tea")) == 3
    assert store.remove("tea") and not store.remove("tea") and store.of_asset("tea") == []
    store.replace("silent", 4, [])
    assert store.contents()["silent"] == (4, 0)


def test_what_is_written_together_is_seen_together_or_not_at_all(store):
    with pytest.raises(RuntimeError), store.writing():
        store.replace("tea", 2, [])
        store.remove("snow")
        raise RuntimeError("disk full")
    assert store.contents() == {"snow": (1, len(records_of("snow"))), "tea": (1, len(records_of("tea")))}
