"""The app's settings: one dictionary ``OMNISCRIPT`` of Django's settings over the defaults below, read here and nowhere else.

    OMNISCRIPT = {"DATA_DIR": "/srv/omniscript", "WRITER": "lite"}

A key is a field of :class:`Settings` in capitals. Values are read and checked at each use, so that a test may override them.
A site that sets nothing keeps its films in ``omniscript-data`` beside its ``manage.py`` (``BASE_DIR``).

Contents: :func:`setting` (declares a field), :class:`Settings` (what there is, units in the names), :data:`conf` (what holds now),
:func:`current` (the same, checked at once).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, cast, get_type_hints
from urllib.parse import quote

from django.conf import settings

from omniscript_mam.errors import SettingError

EMBEDDED_BROKER = "embedded"
"""Value of ``BROKER_URL`` that stands for our leased queue in the data folder."""

OWN_BASE_TEMPLATE = "omniscript/base.html"


def setting(default: Any, meaning: str, *, shown: str = "", least: float | None = None, is_size: bool = False) -> Any:
    """A field of a settings class.

    Args:
        default: what holds where nothing is set.
        meaning: one line for people; the settings' reference prints it.
        shown: how the default is printed; the value itself where empty.
        least: smallest number that is taken.
        is_size: a number of bytes; variables may say ``50G``.
    """
    return dataclasses.field(default=default, metadata={"meaning": meaning, "shown": shown, "least": least, "is_size": is_size})


@dataclass(frozen=True)
class Settings:
    """Every setting of the app with its default and what it means."""

    data_dir: Path = setting(Path(), "films, renditions, search index, queue", shown="`omniscript-data` in `BASE_DIR`")
    broker_url: str = setting(
        "",
        "where messages to our own workers go: `redis://…`, `amqp://…`, or `embedded`, a queue in the data folder; "
        "nothing: through the site's own Celery application",
    )
    queue_prefix: str = setting("", "keeps several installations on one broker apart")
    max_upload_bytes: int = setting(100 << 30, "largest file that is taken in", shown="100 GiB", least=1, is_size=True)
    quota_bytes: int = setting(0, "most that films and renditions may fill; 0: the whole disk", least=0, is_size=True)
    min_free_bytes: int = setting(500 << 20, "disk space that is always left free", shown="500 MiB", least=0, is_size=True)
    writer: str = setting("lite", "who writes where neither film nor collection says otherwise ([writers](docs/writers.md))")
    writers: tuple[str, ...] = setting((), "more writers, each `name=module:Class`")
    embedder: str = setting(
        "auto", "what makes search vectors: `auto` (the pulled sentence model), `hashed` (no model), `none` (words only)"
    )
    search_reader: str = setting(
        "", "the endpoint of the endpoints' file whose language model reads questions of search; nothing: rules alone do"
    )
    search_reader_s: float = setting(1.5, "longest wait for it, in seconds; then the rules read the question", least=0.1)
    segment_s: float = setting(0.0, "longest segment that the planner may make, in seconds; 0: the writer's own", least=0)
    segment_workers: int = setting(8, "how many idle workers are asked to help with one film's segments", least=0)
    lease_s: float = setting(30.0, "after how many silent seconds a worker counts as dead", least=1)
    index_verify_s: float = setting(
        86400.0, "how often a worker reads the whole search index, compares it with the database and mends it, in seconds", least=60
    )
    max_attempts: int = setting(5, "after how many claims without progress a job counts as poison", least=1)
    base_template: str = setting(
        OWN_BASE_TEMPLATE,
        "the template that our pages extend; it needs the blocks `title`, `head` and `main` ([plugin](docs/plugin.md))",
    )


KEYS = {field.name.upper(): field for field in fields(Settings)}
"""Key of the dictionary → field of :class:`Settings`."""

_TYPES = get_type_hints(Settings)
_WORDS = {Path: "a path", str: "a text", int: "a whole number", float: "a number", tuple[str, ...]: "a list of texts"}


def current() -> Settings:
    """The settings as they are now, each of its type; the data folder is an absolute path.

    Raises:
        SettingError: ``OMNISCRIPT`` is no dictionary, has a key that is none of ours or a value that cannot be meant, or the data
            folder is not set and cannot be guessed.
    """
    given = getattr(settings, "OMNISCRIPT", {})
    if not isinstance(given, Mapping):
        raise SettingError("The setting OMNISCRIPT must be a dictionary.", remedy='Write OMNISCRIPT = {"DATA_DIR": "/srv/omniscript"}.')
    if unknown := sorted(str(key) for key in set(given) - set(KEYS)):
        raise SettingError(f"OMNISCRIPT[{unknown[0]!r}] is no setting.", remedy=f"There are: {', '.join(KEYS)}.")
    values = {KEYS[key].name: checked(key, value) for key, value in given.items()}
    values["data_dir"] = _folder(values.get("data_dir", Path()))
    if values.get("broker_url") == EMBEDDED_BROKER:
        values["broker_url"] = f"omniscript-db:///{quote(str(values['data_dir'] / 'broker.sqlite3'))}"
    return Settings(**values)


def checked(key: str, value: object) -> Any:
    """The value of ``OMNISCRIPT[key]`` in the type of its field.

    Raises:
        SettingError: it is of another type, or too small.
    """
    field = KEYS[key]
    wanted, least = _TYPES[field.name], field.metadata["least"]
    if wanted is Path and isinstance(value, str | Path):
        return Path(value)
    if wanted is str and isinstance(value, str):
        return value.strip()
    if wanted == tuple[str, ...] and isinstance(value, list | tuple) and all(isinstance(each, str) for each in value):
        return tuple(value)
    if wanted in (int, float) and isinstance(value, int if wanted is int else int | float) and not isinstance(value, bool):
        if not least <= value < float("inf"):
            raise SettingError(f"OMNISCRIPT[{key!r}] is {value}; it must be at least {least:g}.", remedy="Correct it in Django's settings.")
        return wanted(value)
    raise SettingError(f"OMNISCRIPT[{key!r}] is {value!r}; it must be {_WORDS[wanted]}.", remedy="Correct it in Django's settings.")


def _folder(named: Path) -> Path:
    if named != Path():
        return named.expanduser().absolute()
    base = getattr(settings, "BASE_DIR", None)
    if base is None:
        raise SettingError(
            "It is not said where films are kept: OMNISCRIPT has no DATA_DIR, and Django's settings no BASE_DIR.",
            remedy='Set OMNISCRIPT = {"DATA_DIR": "/a/folder/that/may/be/written"}.',
        )
    return Path(base).absolute() / "omniscript-data"


class _Live:
    def __getattr__(self, name: str) -> object:
        return getattr(current(), name)


conf = cast(Settings, _Live())
"""``conf.lease_s`` is what ``OMNISCRIPT["LEASE_S"]`` says at this moment."""
