"""What the API has, address by address, for whoever opens its root."""

from __future__ import annotations

from django.urls import reverse
from rest_framework.request import Request
from rest_framework.response import Response

from omniscript_mam.exporters import FORMATS

from .base import ApiView

API_VERSION = 1
ADDRESSES = {
    "GET {api}assets?text=&state=&collection=&offset=&limit=": "the library",
    "POST {api}assets": "upload: multipart with `file`, and if you like `title`, `languages` (comma-separated), `writer`, `collection`",
    "GET {api}assets/{{id}}": "one asset with its files and newest job",
    "PATCH {api}assets/{{id}}": "`title`, `collection` (an id, or null for none)",
    "DELETE {api}assets/{{id}}": "take it out of the archive",
    "GET {api}assets/{{id}}/script?format={formats}&revision=": "its script",
    "GET {api}assets/{{id}}/subtitles": "subtitle files that came with it, and whether the script has read them",
    "DELETE {api}assets/{{id}}/subtitles/{{id}}": "take one away",
    "POST {api}assets/{{id}}/rerun": "write its script again; `writer` if another than its own",
    "POST {api}assets/{{id}}/retry-segments": "ask its writer again for segments that another one wrote; `indexes` for others",
    "PATCH {api}assets/{{id}}/characters/{{id}}": "correct a profile: `revision`, and `name`, `appearance`, `voice` …",
    "POST {api}assets/{{id}}/characters/{{id}}/merge": "two are one person: `revision`, `into`",
    "POST {api}assets/{{id}}/undo": "take the last correction back: `revision`",
    "GET, POST {api}collections": "collections: `name`, `description`, `writer`, `options`",
    "GET, PATCH, DELETE {api}collections/{{id}}": "one collection",
    "GET {api}writers": "who can write, what they perceive, and what is missing",
    "GET {api}jobs?state=&asset=&offset=&limit=": "jobs, newest first",
    "GET {api}jobs/{{id}}": "one job with steps and segments",
    "POST {api}jobs/{{id}}/cancel, …/retry": "stop it; go on with it",
    "GET {api}search?q=&asset=&only=&arrange=&like=&offset=&limit=&{{facet}}=": "moments",
    "GET {api}search/completions?q=&limit=": "how a question may go on",
    "GET, POST {api}saved-searches": "searches that are kept: `name`, `text`, `filters`, `only`; with the number of new moments",
    "GET, DELETE {api}saved-searches/{{id}}": "one of them, with what is new",
    "POST {api}saved-searches/{{id}}/looked": "what is new was looked at",
    "GET {media}{{rendition}}/{{digest}}": "files, with byte ranges",
}
"""Method and address → what it is for; ``{api}`` and ``{media}`` stand for where a site has put them."""


class DescriptionView(ApiView):
    """What there is."""

    def get(self, request: Request) -> Response:
        """Every address of this installation with what it is for."""
        root = reverse("omniscript:api")
        media = reverse("omniscript:media-current", args=[0]).removesuffix("0")
        addresses = {key.format(api=root, media=media, formats="|".join(FORMATS)): use for key, use in ADDRESSES.items()}
        return Response({"name": "OmniScript MAM", "version": API_VERSION, "addresses": addresses})
