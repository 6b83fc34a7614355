"""The embedded stores among processes: killed writers, waiting writers, readers elsewhere, rebuilds, damaged and foreign indexes."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from search import (
    EmbeddedIndexOptions,
    HashedEmbedder,
    IndexDamagedError,
    IndexLockedError,
    IndexMismatchError,
    SearchRequest,
    erase_index,
    open_searcher,
    rebuilding,
)
from search.ports import Scope, TextQuery
from search.stores.embedded.folder import IndexFolder
from search.stores.embedded.vector_file import VectorFile
from tests.contract.stores import find_nearest, find_words, ids, records_of

ROOT = Path(__file__).resolve().parents[2]
WRITER = """
import sys
from dataclasses import replace
from pathlib import Path
from search import HashedEmbedder, EmbeddedIndexOptions, open_searcher
from tests.contract.stores import records_of
searcher = open_searcher(EmbeddedIndexOptions(Path(sys.argv[1])), embedder=HashedEmbedder())
records = records_of("tea")
for number in range(int(sys.argv[2]), 10_000):
    name = f"asset{number}"
    mine = [replace(r, id=r.id.replace("tea", name, 1), asset_id=name, embedding_text=f"{number} {r.embedding_text}") for r in records]
    searcher.index(name, mine)
    print(name, flush=True)
"""


def start_writer(directory: Path, first: int) -> subprocess.Popen[str]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", WRITER, str(directory), str(first)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment, cwd=ROOT)


def test_a_killed_writer_loses_nothing_it_acknowledged(tmp_path):
    """Killed twice with SIGKILL in the middle of a stream of writes; every acknowledged asset is whole, once, and found by its vectors."""
    directory, acknowledged = tmp_path / "index", []
    for first in (0, 1000):
        writer = start_writer(directory, first)
        assert writer.stdout
        for _ in range(4):
            acknowledged.append(writer.stdout.readline().strip())
        time.sleep(0.02 * (1 + first / 1000))
        os.kill(writer.pid, signal.SIGKILL)
        acknowledged += writer.stdout.read().split()
        writer.stdout.close()
        writer.wait()
    searcher = open_searcher(EmbeddedIndexOptions(directory, lock_timeout_s=5), embedder=HashedEmbedder())
    contents, num_records = searcher.contents(), len(records_of("tea"))
    assert set(acknowledged) <= set(contents)
    assert all(counted == (1, num_records) for counted in contents.values())
    matches = find_words(searcher.stores.words, TextQuery(), Scope(), 100_000)
    num_worded = sum(record.kind in ("event", "scene") for record in records_of("tea"))  # windows are found by meaning alone
    assert len(matches) == len(ids(matches)) == num_worded * len(contents)
    assert ids(find_nearest(searcher.stores.vectors, "茶", Scope(), 100_000)) == ids(matches)
    searcher.index("after", [], revision=1)  # the lock was released by the kernel
    assert "after" in searcher.contents()
    searcher.close()


def test_readers_in_other_processes_see_each_commit(tmp_path):
    directory = tmp_path / "index"
    reader = open_searcher(EmbeddedIndexOptions(directory), embedder=HashedEmbedder())
    assert reader.contents() == {}
    writer = start_writer(directory, 0)
    try:
        assert writer.stdout
        for _ in range(3):
            name = writer.stdout.readline().strip()
            assert name in reader.contents()
            assert reader.search(SearchRequest('"你又在骗我"', asset_ids=frozenset({name}))).total == 1
    finally:
        writer.kill()
        writer.communicate()
    reader.close()


def test_a_second_writer_waits_and_then_says_who_is_in_the_way(tmp_path):
    directory = tmp_path / "index"
    searcher = open_searcher(EmbeddedIndexOptions(directory, lock_timeout_s=0.2))
    held = subprocess.Popen(
        [sys.executable, "-c", "import fcntl,sys,time; f=open(sys.argv[1],'a'); fcntl.flock(f,2); print('held',flush=True); time.sleep(60)",
         str(directory / "write.lock")],
        stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert held.stdout and held.stdout.readline()
    with pytest.raises(IndexLockedError, match="Another process"):
        searcher.index("a", [], revision=1)
    held.kill()
    held.communicate()
    searcher.index("a", [], revision=1)
    assert searcher.contents() == {"a": (1, 0)}


def test_an_index_of_another_model_is_refused_with_the_remedy(tmp_path):
    open_searcher(EmbeddedIndexOptions(tmp_path / "index"), embedder=HashedEmbedder()).close()
    with pytest.raises(IndexMismatchError, match="hashed") as caught:
        open_searcher(EmbeddedIndexOptions(tmp_path / "index"))
    assert "omniscript index rebuild" in caught.value.remedy
    erase_index(EmbeddedIndexOptions(tmp_path / "index"))
    assert open_searcher(EmbeddedIndexOptions(tmp_path / "index")).contents() == {}


def test_an_index_of_the_last_format_is_refused_and_made_anew_with_its_vectors(tmp_path):
    """Format 1 knew no collections; its note calls the library "engine", as every format's does."""
    options, embedder = EmbeddedIndexOptions(tmp_path / "index"), CountingEmbedder()
    searcher = open_searcher(options, embedder=embedder)
    searcher.index("tea", records_of("tea"))
    searcher.close()
    folder = IndexFolder(options.folder, 1.0).current()
    assert folder
    note = json.loads((folder / "generation.json").read_text())
    assert note.keys() == {"engine", "model_id", "num_dims", "format_version"}
    (folder / "generation.json").write_text(json.dumps({**note, "format_version": 1}))
    with pytest.raises(IndexMismatchError, match="format 1") as caught:
        open_searcher(options, embedder=embedder)
    assert "omniscript index rebuild" in caught.value.remedy
    embedder.num_texts = 0
    with rebuilding(options, embedder=embedder) as fresh:
        fresh.index("tea", records_of("tea"))
    assert embedder.num_texts == 0
    again = open_searcher(options, embedder=embedder)
    assert again.search(SearchRequest('"你又在骗我"', collections=frozenset({records_of("tea")[0].collection}))).total == 1


def test_a_rebuild_answers_meanwhile_and_then_everywhere(tmp_path):
    directory, embedder = tmp_path / "index", CountingEmbedder()
    old = open_searcher(EmbeddedIndexOptions(directory), embedder=embedder)
    old.index("tea", records_of("tea"))
    old.index("gone", [], revision=3)
    embedder.num_texts = 0
    with rebuilding(EmbeddedIndexOptions(directory), embedder=embedder) as new:
        new.index("tea", records_of("tea", 2))
        assert old.contents() == {"gone": (3, 0), "tea": (1, len(records_of("tea")))}
    assert old.contents() == {"tea": (2, len(records_of("tea")))}
    assert embedder.num_texts == 0  # vectors were taken over
    assert [hit.asset_id for hit in old.search(SearchRequest('"你又在骗我"')).hits] == ["tea"]
    assert len(list(directory.glob("g*"))) == 1


def test_a_rebuild_that_fails_changes_nothing(tmp_path):
    directory = tmp_path / "index"
    searcher = open_searcher(EmbeddedIndexOptions(directory), embedder=HashedEmbedder())
    searcher.index("tea", records_of("tea"))
    with pytest.raises(RuntimeError), rebuilding(EmbeddedIndexOptions(directory), embedder=HashedEmbedder()):
        raise RuntimeError("disk full")
    assert searcher.contents()["tea"][0] == 1 and len(list(directory.glob("g*"))) == 1


def test_a_rebuild_with_another_model_leaves_old_readers_with_words(tmp_path):
    directory = tmp_path / "index"
    searcher = open_searcher(EmbeddedIndexOptions(directory), embedder=HashedEmbedder())
    searcher.index("tea", records_of("tea"))
    with rebuilding(EmbeddedIndexOptions(directory), embedder=None) as new:
        new.index("tea", records_of("tea"))
    results = searcher.search(SearchRequest("雷声"))
    assert results.total >= 1 and any("rebuilt" in notice for notice in results.notices)
    with pytest.raises(IndexMismatchError):
        searcher.index("tea", records_of("tea", 2))


@pytest.mark.parametrize("victim", ["text/meta.json", "generation.json", "vectors.dat"])
def test_a_damaged_index_says_so(tmp_path, victim):
    directory = tmp_path / "index"
    searcher = open_searcher(EmbeddedIndexOptions(directory), embedder=HashedEmbedder())
    searcher.index("tea", records_of("tea"))
    searcher.close()
    folder = IndexFolder(directory, 1.0).current()
    assert folder
    (folder / victim).write_bytes(b"\0nonsense")
    with pytest.raises(IndexDamagedError) as caught:
        open_searcher(EmbeddedIndexOptions(directory), embedder=HashedEmbedder())
    assert "rebuild" in caught.value.remedy


def test_a_torn_vector_row_is_not_read_and_is_cut_off(tmp_path):
    store = VectorFile(tmp_path / "vectors.dat", 8)
    vectors = {f"text {i}": row for i, row in enumerate(HashedEmbedder().embed([f"word{i}" for i in range(3)])[:, :8])}
    store.add(vectors)
    with store.path.open("ab") as file:
        file.write(b"\x01" * 13)
    again = VectorFile(store.path, 8)
    assert len(again.rows()) == 3
    assert again.add({"one more": vectors["text 0"]}) == {"one more": 3}
    assert len(again.rows()) == 4 and store.find(["one more"]) == {"one more": 3}


class CountingEmbedder(HashedEmbedder):
    """Counts what it is asked to embed."""

    num_texts = 0

    def embed(self, texts, *, timeout_s=None):
        self.num_texts += len(texts)
        return super().embed(texts, timeout_s=timeout_s)


def test_indexing_again_embeds_only_what_is_new(tmp_path):
    embedder = CountingEmbedder()
    searcher = open_searcher(EmbeddedIndexOptions(tmp_path / "index"), embedder=embedder)
    records = records_of("tea")
    searcher.index("tea", records)
    first = embedder.num_texts
    searcher.index("tea", records_of("tea", 2))
    assert first == len({record.embedding_text for record in records}) and embedder.num_texts == first
