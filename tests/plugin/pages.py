"""Run inside a site, by its own Python: asks for one page of each kind and prints what went wrong, as JSON.

The addresses are those of the app's table, so that a new one without a line here fails. ``python pages.py PREFIX FILM``
"""

import json
import os
import re
import sys
from pathlib import Path

import django

os.environ["DJANGO_SETTINGS_MODULE"] = "site_.settings"
sys.path.insert(0, str(Path.cwd()))
django.setup()

from django.test import Client  # noqa: E402
from django.urls import URLResolver, reverse  # noqa: E402

from omniscript_mam import urls  # noqa: E402
from omniscript_mam.models import Asset, Rendition  # noqa: E402
from omniscript_mam.services.archive import collections  # noqa: E402
from omniscript_mam.services.archive.assets import register_upload  # noqa: E402
from omniscript_mam.services.jobs import ingest, running  # noqa: E402
from omniscript_mam.services.search import saving  # noqa: E402
from omniscript_mam.viewer import EVERYBODY  # noqa: E402

PREFIX, FILM = sys.argv[1], Path(sys.argv[2])
asset, _ = register_upload(EVERYBODY, FILM, FILM.name)
job = ingest.enqueue(EVERYBODY, asset)
running.run(job.id)
running_job = ingest.rerun(EVERYBODY, asset)
sprite = Rendition.objects.get(kind="sprite_vtt")
collection = collections.create_collection(EVERYBODY, name="Evening", writer="still")
A, C, P, J = [asset.id], [collection.id], [asset.id, "char_001"], [running_job.id]
S, K = ([saving.save_search(EVERYBODY, name, "news").id] for name in ("By page", "By program"))
JSON = "application/json"


def form(**fields):
    return {"data": fields}


def body(**fields):
    return {"data": json.dumps(fields), "content_type": JSON}


ASKED = {
    # name: arguments of the address, then requests in order: method, what is sent, the status that is right
    "media": ([sprite.id, sprite.sha256[:16]], ("get", {}, 200)),
    "media-current": ([sprite.id], ("get", {}, 200)),
    "library": ([], ("get", {}, 200)),
    "pulse": ([], ("get", {}, 204)),
    "upload": ([], ("post", {}, 400)),
    "asset": (A, ("get", {}, 200)),
    "progress": (A, ("get", {}, 200)),
    "captions": (A, ("get", {}, 200)),
    "delete_asset": (A, ("get", {}, 200)),
    "rerun": (A, ("post", {}, 302)),
    "retry_segments": (A, ("post", {}, 409)),
    "character": (P, ("get", {}, 200), ("post", form(name="Anna", revision="1"), 302)),
    "undo": (A, ("post", form(revision="2"), 302)),
    "redo": (A, ("post", form(revision="3"), 302)),
    "history": (A, ("get", {}, 200)),
    "revision": ([asset.id, 1], ("get", {}, 200)),
    "restore": ([asset.id, 1], ("post", form(revision="4"), 302)),
    "correction": ([asset.id, "none"], ("post", form(revision="5", verb="give_up"), 404)),
    "collections": ([], ("get", {}, 200)),
    "move": ([], ("post", form(asset=str(asset.id), collection=str(collection.id)), 302)),
    "collection": (C, ("get", {}, 200)),
    "rewrite_collection": (C, ("post", {}, 302)),
    "search": ([], ("get", {}, 200), ("get", form(q="item number"), 200)),
    "completions": ([], ("get", form(q="ite"), 200)),
    "save_search": ([], ("post", form(q="item number", name="Items"), 302)),
    "saved_search": (S, ("get", {}, 200)),
    "looked": (S, ("post", {}, 302)),
    "forget_search": (S, ("post", {}, 302)),
    "jobs": ([], ("get", {}, 200)),
    "cancel": (J, ("post", {}, 302)),
    "retry": (J, ("post", {}, 302)),
    "api": ([], ("get", {}, 200)),
    "api-assets": ([], ("get", {}, 200)),
    "api-asset": (A, ("get", {}, 200), ("patch", body(title="The news"), 200)),
    "api-subtitles": (A, ("get", {}, 200)),
    "api-subtitle": ([asset.id, 1], ("delete", {}, 404)),
    "api-script": (A, ("get", {}, 200)),
    "api-rerun": (A, ("post", body(), 202)),
    "api-retry-segments": (A, ("post", body(), 409)),
    "api-character": (P, ("patch", body(name="Berta", revision=5), 200)),
    "api-merge": (P, ("post", body(into="char_002", revision=6), 404)),
    "api-undo": (A, ("post", body(revision=6), 200)),
    "api-redo": (A, ("post", body(revision=7), 200)),
    "api-revisions": (A, ("get", {}, 200)),
    "api-comparison": ([asset.id, 2], ("get", {}, 200)),
    "api-restore": ([asset.id, 1], ("post", body(revision=8), 200)),
    "api-corrections": (A, ("get", {}, 200)),
    "api-correction": ([asset.id, "none"], ("post", body(revision=9, part=""), 404)),
    "api-collections": ([], ("get", {}, 200)),
    "api-collection": (C, ("get", {}, 200)),
    "api-writers": ([], ("get", {}, 200)),
    "api-jobs": ([], ("get", {}, 200)),
    "api-job": (J, ("get", {}, 200)),
    "api-cancel": (J, ("post", body(), 200)),
    "api-retry": (J, ("post", body(), 200)),
    "api-search": ([], ("get", {"data": {"q": "item number"}}, 200)),
    "api-completions": ([], ("get", {"data": {"q": "ite"}}, 200)),
    "api-saved-searches": ([], ("get", {}, 200), ("post", body(name="Numbers", text="number"), 201)),
    "api-looked": (K, ("post", body(), 204)),
    "api-saved-search": (K, ("get", {}, 200), ("delete", {}, 204)),
    "delete_collection": (C, ("post", {}, 302)),
}


def names(patterns):
    """Every name; the address without one answers whatever leads nowhere."""
    for pattern in patterns:
        yield from names(pattern.url_patterns) if isinstance(pattern, URLResolver) else [pattern.name] if pattern.name else []


def strangers(response):
    """Addresses of the page that lie outside of the prefix."""
    if "text/" not in response.get("Content-Type", ""):
        return []
    text = (b"".join(response.streaming_content) if response.streaming else response.content).decode()
    linked = re.findall(r'(?:href|src|action|hx-get|hx-post|data-waveform|data-sprite|poster)="(/[^"]*)"', text) + re.findall(
        r"^(/\S+)#xywh", text, re.M
    )
    return [address for address in linked if not address.startswith((PREFIX, "/static/"))]


def commas(response):
    """Numbers for programs that were written for people: 2,5 for 2.5, where the site's language does so."""
    if "text/html" not in response.get("Content-Type", ""):
        return []
    return re.findall(r'[a-z-]+="-?\d+,\d+"', response.content.decode())


client, problems = Client(headers={"host": "localhost"}), []
table = set(names(urls.urlpatterns))
problems += [f"{name}: no line in pages.py" for name in sorted(table - set(ASKED))]
problems += [f"{name}: not in the table" for name in sorted(set(ASKED) - table)]
for name in table & set(ASKED):
    assert reverse(f"omniscript:{name}", args=ASKED[name][0]).startswith(PREFIX)
for name, (arguments, *requests) in ASKED.items():
    for method, sent, status in requests:
        response = getattr(client, method)(reverse(f"omniscript:{name}", args=arguments), **sent)
        if response.status_code != status:
            problems.append(f"{name}: {method} {response.status_code}, not {status}: {getattr(response, 'content', b'')[:300]!r}")
        problems += [f"{name}: {address} is outside of the prefix" for address in strangers(response)]
        problems += [f"{name}: {attribute}" for attribute in commas(response)]
        if status == 302 and not response["Location"].startswith(PREFIX):
            problems.append(f"{name}: leads to {response['Location']}")
assert Asset.objects.count() == 1
print(json.dumps(problems))
