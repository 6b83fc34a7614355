"""Index and database: whatever comes between them, one round of the reaper later they agree, and search answers in words meanwhile."""

from __future__ import annotations

import io
import json

import pytest

from omniscript_mam.models import Asset, IndexEntry, ScriptRevision
from omniscript_mam.script import Character, Event, Meta, Scene, Script
from omniscript_mam.searcher import archive_searcher, close_searchers, index_folder
from omniscript_mam.selectors.library import find_asset, library
from omniscript_mam.services.archive import assets, collections, scripts
from omniscript_mam.services.search import indexing, mending
from omniscript_mam.services.search.pending import pending
from omniscript_mam.tasks import jobs, reaper
from omniscript_mam.viewer import EVERYBODY
from search import IndexLockedError, Searcher, SearchRequest
from search.stores.embedded import folder as index_folders
from tests.essences import essence

pytestmark = pytest.mark.django_db(transaction=True)


def make_asset(title: str) -> Asset:
    return assets.register_upload(EVERYBODY, io.BytesIO(essence(title.encode())), f"{title}.mp4")[0]


def write(asset: Asset, *lines: str) -> ScriptRevision:
    events = [
        Event(id=f"e{n}", start_s=n, end_s=n + 1, character_id="char_mara", dialogue=line, action="") for n, line in enumerate(lines, 1)
    ]
    scene = Scene(id="s1", start_s=0, end_s=len(lines) + 2, location="Pier", events=events)
    people = [Character(id="char_mara", name="Mara", named=True)]
    script = Script(meta=Meta(duration_s=len(lines) + 2, frame_rate="25"), characters=people, scenes=[scene])
    return scripts.store_revision(EVERYBODY, asset, script, "lite", "0.1")


def lines(text: str) -> list[str]:
    found = archive_searcher().search(SearchRequest(text, limit=50))
    return [f"{hit.asset_id}:{event}" for hit in found.hits for event in hit.event_ids]


@pytest.fixture(autouse=True)
def fresh_reaper(monkeypatch):
    monkeypatch.setattr(reaper, "INDEX_EVERY_S", 0.0)
    monkeypatch.setattr(reaper, "_verified_s", float("inf"))
    monkeypatch.setattr(jobs, "_verified_s", float("inf"))


@pytest.fixture
def a_round(no_broker):
    """One round of the reaper, and what its message does; returns whether there was one."""

    def look() -> bool:
        no_broker.clear()
        reaper.look()
        if "index" in no_broker:
            jobs.index()
        return "index" in no_broker

    return look


def num_pending() -> int:
    return pending(archive_searcher().generation).count()


def agree() -> bool:
    return mending.verify(EVERYBODY).agrees and not mending.is_behind(EVERYBODY)


@pytest.fixture
def harbour(no_broker) -> Asset:
    asset = make_asset("Harbour")
    write(asset, "the lantern burns")
    indexing.index_pending(EVERYBODY)
    assert agree()
    return asset


def test_a_write_that_ends_late_does_not_replace_a_newer_revision(harbour, monkeypatch, a_round):
    write(harbour, "an older lantern")
    make_vectors = Searcher._vectors

    def slowly(self, records):
        vectors = make_vectors(self, records)
        if records and records[0].revision == 2:  # while the vectors of revision 2 are made, revision 3 is stored and indexed
            monkeypatch.setattr(Searcher, "_vectors", make_vectors)
            write(harbour, "a newer lamp")
            indexing.index_pending(EVERYBODY)
            assert archive_searcher().contents()[str(harbour.id)].revision == 3
        return vectors

    monkeypatch.setattr(Searcher, "_vectors", slowly)
    indexing.index_asset(EVERYBODY, harbour)
    assert archive_searcher().contents()[str(harbour.id)].revision == 3
    assert lines('"a newer lamp"') == [f"{harbour.id}:e1"] and not lines('"an older lantern"')
    assert agree() and not a_round()


def test_an_asset_that_is_deleted_while_it_is_indexed_is_not_there_afterwards(harbour, monkeypatch, a_round):
    write(harbour, "another line")
    make_vectors = Searcher._vectors

    def meanwhile(self, records):
        vectors = make_vectors(self, records)
        assets.delete_asset(EVERYBODY, Asset.objects.get(id=harbour.id))
        return vectors

    monkeypatch.setattr(Searcher, "_vectors", meanwhile)
    indexing.index_asset(EVERYBODY, harbour)
    assert archive_searcher().contents() == {} and agree()


def test_a_deletion_that_the_index_missed_is_made_good(harbour, monkeypatch, a_round):
    identifier = str(harbour.id)
    with monkeypatch.context() as patch:
        patch.setattr(Searcher, "remove", refuse)
        assets.delete_asset(EVERYBODY, harbour)
    assert mending.verify(EVERYBODY).orphan == (identifier,)
    assert a_round() and agree() and not a_round()


def refuse(searcher: Searcher, asset_id: str) -> bool:
    raise IndexLockedError("busy")


def test_a_kill_between_database_and_index_is_made_good(harbour, monkeypatch, a_round):
    write(harbour, "said before the kill")  # stored; its message is lost
    assert num_pending() == 1 and a_round() and agree()
    assert lines('"said before the kill"')
    write(harbour, "said before another kill")

    class Killed(BaseException):
        pass

    with monkeypatch.context() as patch, pytest.raises(Killed):
        patch.setattr(indexing.Projection, "note", lambda self, generation: (_ for _ in ()).throw(Killed()))
        indexing.index_asset(EVERYBODY, harbour)  # in the index, and not written down
    assert not agree() and a_round() and agree() and not a_round()


def test_a_database_that_was_set_back_is_followed(harbour, a_round):
    write(harbour, "taken back")
    indexing.index_pending(EVERYBODY)
    ScriptRevision.objects.filter(number=2).delete()
    IndexEntry.objects.update(wanted=1, indexed=1)
    assert not agree() and a_round() and agree()
    assert lines('"the lantern burns"')


@pytest.mark.parametrize("change", ["rename", "save", "update", "move"])
def test_a_film_that_is_renamed_or_moved_by_anybody_is_indexed_again(harbour, change, a_round):
    if change == "rename":
        assets.rename_asset(EVERYBODY, harbour, "Lighthouse")
    elif change == "save":
        harbour.title = "Lighthouse"
        harbour.save()
    elif change == "update":
        Asset.objects.update(title="Lighthouse")
    else:
        collections.move_assets(EVERYBODY, [str(harbour.id)], collections.create_collection(EVERYBODY, "North").id)
    assert mending.verify(EVERYBODY).stale == (str(harbour.id),) and num_pending() == 1
    assert a_round() and agree() and num_pending() == 0
    assert change == "move" or lines("in:Lighthouse")


def test_one_unreadable_script_stops_nobody_else(harbour, a_round):
    broken, third = make_asset("Broken"), make_asset("Third")
    write(broken, "once readable")
    write(third, "a third line")
    ScriptRevision.objects.filter(asset=broken).update(document={"scenes": 7})
    write(harbour, "a fresh line")
    assert a_round()
    assert lines('"a fresh line"') and lines('"a third line"')
    compared = mending.verify(EVERYBODY)
    assert compared.agrees and compared.unreadable == (str(broken.id),) and not a_round()
    assert IndexEntry.objects.get(asset=broken).error
    assert indexing.reindex(EVERYBODY) == 3 and mending.verify(EVERYBODY).unreadable == (str(broken.id),)
    write(broken, "readable again")
    assert a_round() and mending.verify(EVERYBODY).unreadable == () and lines('"readable again"')


def damage(suffix: str) -> None:
    """Zero a part in the middle of the largest file of a kind."""
    generation = index_folder() / (index_folder() / "CURRENT").read_text().strip()
    file = max(generation.rglob(f"*{suffix}"), key=lambda path: path.stat().st_size)
    content = bytearray(file.read_bytes())
    first, last = len(content) // 8, max(len(content) // 8 + 1, len(content) * 7 // 8)
    content[first:last] = bytes(last - first)
    file.write_bytes(bytes(content))


@pytest.mark.parametrize("is_open", [True, False], ids=["open", "closed"])
@pytest.mark.parametrize(
    "suffix", [".store", ".term", ".idx", ".pos", ".fast", ".fieldnorm", "meta.json", "vectors.dat", "generation.json"]
)
def test_a_damaged_file_is_found_told_and_mended(harbour, client, suffix, is_open, a_round):
    if not is_open:
        close_searchers()
    damage(suffix)
    for question in ({"q": "lantern"}, {"q": '"the lantern"'}, {"q": "who:Mara"}, {"q": "without rain"}, {"q": "", "character": "Mara"}):
        assert client.get("/search/", question).status_code in (200, 503)
        answer = client.get("/api/v1/search", question)
        assert answer.status_code in (200, 503) and "html" not in answer["Content-Type"]
    assert mending.verify(EVERYBODY).damaged and mending.is_behind(EVERYBODY)
    assert a_round() and agree() and not a_round()
    assert lines('"the lantern burns"') == [f"{harbour.id}:e1"]
    assert client.get("/search/", {"q": "lantern"}).status_code == 200


def test_other_content_than_was_written_is_found_and_mended(harbour):
    """Not only numbers are compared: the index holds as many records of the same revision, but others."""
    records = archive_searcher().stores.records.of_asset(str(harbour.id))
    records[-1].text["dialogue"] = "somebody else's words"
    archive_searcher().index(str(harbour.id), records)
    assert mending.verify(EVERYBODY).stale == (str(harbour.id),)
    assert mending.repair(EVERYBODY).agrees and lines('"the lantern burns"')


def test_an_index_of_another_format_is_made_anew_and_search_says_so_meanwhile(harbour, client, monkeypatch, a_round):
    close_searchers()
    monkeypatch.setattr(index_folders, "FORMAT_VERSION", 99)
    generation = index_folder() / (index_folder() / "CURRENT").read_text().strip() / "generation.json"
    generation.write_text(json.dumps({**json.loads(generation.read_text()), "format_version": 1}))
    page = client.get("/search/", {"q": "lantern"})
    assert page.status_code == 503 and "being made anew" in page.content.decode()
    assert client.get("/api/v1/search", {"q": "lantern"}).json()["error"]["code"] == "index.renewing"
    assert a_round() and agree()
    assert "<mark>lantern</mark>" in client.get("/search/", {"q": "lantern"}).content.decode()


def test_short_work_overtakes_long(harbour, monkeypatch):
    monkeypatch.setattr(indexing, "TURN_TEXTS", 5)
    long_film, order = make_asset("Epic"), []
    write(long_film, *(f"line number {n} of a long film" for n in range(40)))
    index, embed_some = Searcher.index, Searcher.embed_some

    def noting(self, asset_id, records, **options):
        order.append(asset_id)
        return index(self, asset_id, records, **options)

    def meanwhile(self, records, max_texts):
        if records[0].asset_id == str(long_film.id) and ScriptRevision.objects.filter(asset=harbour).count() == 1:
            write(harbour, "a correction in the meantime")
        return embed_some(self, records, max_texts)

    monkeypatch.setattr(Searcher, "index", noting)
    monkeypatch.setattr(Searcher, "embed_some", meanwhile)
    assert indexing.index_pending(EVERYBODY) == 2
    assert order == [str(harbour.id), str(long_film.id)] and agree()


def test_what_is_corrected_or_deleted_during_a_rebuild_is_right_after_it(harbour, monkeypatch):
    gone, last = make_asset("Gone"), make_asset("Last")
    write(gone, "soon deleted")
    write(last, "the last")

    def meanwhile(share: float, title: str) -> None:
        if title == "Last":
            write(harbour, "corrected during the rebuild")
            Asset.objects.filter(id=gone.id).delete()

    indexing.reindex(EVERYBODY, report=meanwhile)
    assert agree() and lines('"corrected during the rebuild"')


def test_a_rebuild_keeps_nobody_from_writing_and_searching(harbour):
    """The second film is written, the first renamed, and both are found, while the index is built anew; all of it is in the new one."""
    make_asset("Waits")
    looked = []

    def meanwhile(share: float, title: str) -> None:
        if looked:
            return
        late = make_asset("Late")
        write(late, "written during the rebuild")
        Asset.objects.filter(id=harbour.id).update(title="Lighthouse")
        assert indexing.index_pending(EVERYBODY) == 2
        looked.append(lines('"written during the rebuild"'))

    indexing.reindex(EVERYBODY, report=meanwhile)
    assert looked and looked[0] == lines('"written during the rebuild"') != []
    assert agree() and not pending(archive_searcher().generation).exists()
    held = archive_searcher().search(SearchRequest("lighthouse", limit=5))
    assert [hit.asset_id for hit in held.hits][:1] == [str(harbour.id)]


def test_a_rebuild_that_fails_leaves_the_old_index_and_no_files(harbour):
    def fail(share: float, title: str) -> None:
        raise RuntimeError("the power went")

    before = sorted(path.name for path in index_folder().glob("g*"))
    with pytest.raises(RuntimeError):
        indexing.reindex(EVERYBODY, report=fail)
    assert sorted(path.name for path in index_folder().glob("g*")) == before and agree()


def test_verify_repair_by_command(harbour):
    from click.testing import CliRunner

    from omniscript_mam.commands.index import command

    Asset.objects.update(title="Lighthouse")
    told = CliRunner().invoke(command, ["verify", "--json"], standalone_mode=False)
    assert told.return_value == 1 and json.loads(told.stdout)["stale"] == [str(harbour.id)]
    damage(".store")
    assert CliRunner().invoke(command, ["verify"], standalone_mode=False).return_value == 1
    mended = CliRunner().invoke(command, ["verify", "--repair", "--json"], standalone_mode=False)
    assert mended.return_value == 0 and json.loads(mended.stdout)["agrees"]


@pytest.mark.parametrize(
    ("title", "asked"),
    [("Die Ärzte", "die ärzte"), ("Тест Записи", "тест записи"), ("Łódź 1946", "lodz"), ("ΣΊΣΥΦΟΣ", "σίσυφος"), ("한국 영화", "한국"),
     ("Straße", "STRASSE"), ("İzmir", "izmir"), ("100% _real_", "100% _r"), ("हिन्दी फ़िल्म", "हिंदी")],
)  # fmt: skip
def test_titles_are_compared_folded(title, asked, no_broker):
    asset = make_asset("x")
    make_asset("other")
    assets.rename_asset(EVERYBODY, asset, title)
    assert [card.title for card in library(EVERYBODY, text=asked).rows] == [title]
    assert find_asset(EVERYBODY, asked).id == asset.id


def test_titles_are_sorted_folded(no_broker):
    for title in ("zebra", "Ärzte", "älter", "Bär"):
        make_asset(title)
    assert [card.title for card in library(EVERYBODY, sort="title").rows] == ["älter", "Ärzte", "Bär", "zebra"]


def test_a_vector_file_that_is_gone_is_found_and_mended(harbour, a_round):
    (index_folder() / (index_folder() / "CURRENT").read_text().strip() / "vectors.dat").unlink()
    close_searchers()
    assert mending.verify(EVERYBODY).damaged
    assert a_round() and agree()
