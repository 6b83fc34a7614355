"""Strange requests to every address of the API: never a 5xx, one shape of error, and 400 that names the parameter; on both databases.

The addresses come from the URL table, so that a new one is tried without a word here.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from urllib.parse import quote

import pytest
from django.test import Client
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from omniscript_mam.api.urls import urlpatterns
from omniscript_mam.services.jobs import running
from tests.essences import essence
from tests.integration.test_servers import need, postgres  # noqa: F401 - a fixture

from .test_api import upload

pytestmark = pytest.mark.django_db(transaction=True)

NUM_EXAMPLES = int(os.environ.get("OMNISCRIPT_TEST_NUM_EXAMPLES", "12"))
"""How many strange requests each address gets."""

NASTY = (
    "", "0", "1", "-1", "²", "٣", "000000000001999999", "9" * 30, "9" * 5000, "1e9", "NaN", "\0", "a\0b", "\ud800", "none", "null", "true",
    "ready", "failed", "%", "' OR 1=1 --", "../../etc/passwd", "<script>", "who:", '"', "((((", "\u202e", "דג", "é" * 3000, "a" * 5000,
    "00000000-0000-0000-0000-000000000000",
)  # fmt: skip
TEXTS = st.sampled_from(NASTY) | st.text(max_size=30)
NUMBERS = st.sampled_from([0, 1, -1, 2**31, 2**63, 10**400, 1.5, 1e308]) | st.integers()
VALUES = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXTS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3)
)
FIELDS = ("revision", "indexes", "into", "name", "aliases", "title", "collection", "writer", "options", "description", "file", "foo")
METHODS = ("get", "head", "post", "patch", "put", "delete", "options", "trace")
CONTENT_TYPES = (
    "application/json",
    "application/json; charset=utf-16",
    "application/x-www-form-urlencoded",
    "multipart/form-data",
    "text/xml",
)
BODIES = (
    b"",
    b"{",
    b"[" * 200_000,
    b'{"a":' * 50_000,
    b"\xff\xfe",
    b'{"revision": ' + b"9" * 5000 + b"}",
    b'{"name": "\\ud800"}',
    b'{"x": 1e999}',
)
ADDRESSES = [str(pattern.pattern) for pattern in urlpatterns]


def quoted(text: str) -> str:
    return quote(text.encode("utf-8", "surrogatepass"), safe="")


def assert_one_shape(response) -> None:
    assert response.status_code < 500, (response.status_code, response.content[:300])
    if response.status_code >= 400 and response.request["REQUEST_METHOD"] != "HEAD":
        assert response["Content-Type"] == "application/json"
        answer = json.loads(response.content)
        assert set(answer) == {"error"}
        assert set(answer["error"]) == {"code", "message", "remedy"}
        assert all(answer["error"].values())


@st.composite
def requests(draw, address: str, identifiers: tuple[str, ...]) -> dict[str, object]:
    """A method, an address with its parts filled, a query, a body."""
    path = ""
    for part in address.removeprefix("^").split("<"):
        kind, closed, rest = part.partition(">")
        path += quoted(draw(st.sampled_from(identifiers) | TEXTS)) + rest if closed else kind
    view = next(pattern.callback.view_class for pattern in urlpatterns if str(pattern.pattern) == address)
    names = st.sampled_from((*view.parameters, "foo", "updated_since", "format", "limit"))
    query = draw(st.lists(st.tuples(names, TEXTS | st.sampled_from(identifiers)), max_size=3))
    content_type = draw(st.sampled_from(CONTENT_TYPES))
    body = draw(
        st.sampled_from(BODIES) | st.dictionaries(st.sampled_from(FIELDS), VALUES, max_size=3).map(lambda given: json.dumps(given).encode())
    )
    return {
        "method": draw(st.sampled_from(METHODS)),
        "path": f"/api/v1/{path}" + ("?" + "&".join(f"{name}={quoted(value)}" for name, value in query) if query else ""),
        "data": body,
        "content_type": content_type,
    }


@pytest.fixture
def identifiers(client, film, no_broker) -> tuple[str, ...]:
    """Ids that there are: an asset with a script, its job, a collection, a character."""
    job = upload(client, film.read_bytes(), "test card.mp4").json()["job"]
    running.run(job["id"])
    collection = client.post("/api/v1/collections", {"name": "All"}, content_type="application/json").json()
    return (job["asset_id"], job["id"], collection["id"], "char_001")


@pytest.mark.parametrize("address", ADDRESSES)
def test_strange_requests_are_refused_in_one_shape(identifiers, address):
    @settings(
        max_examples=NUM_EXAMPLES,
        deadline=None,
        database=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.explicit, Phase.generate],  # shrinking takes minutes; what failed is shown as it was
    )
    @given(requests(address, identifiers))
    def ask(request) -> None:
        method = request.pop("method")
        assert_one_shape(Client().generic(method.upper(), **request))

    ask()


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ("assets?limit=000000000001999999", "limit"),
        ("assets?limit=0", "limit"),
        ("assets?offset=99999999999999999999", "offset"),
        ("assets?offset=²", "offset"),
        ("assets?state=broken", "state"),
        ("assets?updated_since=2026-01-01", "updated_since"),
        ("assets?foo=1", "foo"),
        ("assets?text=a%00b", "text"),
        ("assets?limit=1&limit=2", "limit"),
        ("assets?collection=abc", "collection"),
        ("jobs?state=ready", "state"),
        ("jobs?asset=abc", "asset"),
        ("search?q=a&only=maybe", "only"),
        ("search?q=a&updated_since=1", "updated_since"),
        ("search?asset=%00", "asset"),
        ("writers?state=ready", "state"),
    ],
)
def test_what_is_refused_is_named(client, query, name):
    response = client.get(f"/api/v1/{query}")
    assert response.status_code == 400
    assert_one_shape(response)
    assert f"“{name}”" in response.json()["error"]["message"]


def test_a_revision_is_a_number_and_leading_zeros_mean_nothing(client, identifiers):
    address = f"/api/v1/assets/{identifiers[0]}/script"
    assert client.get(f"{address}?revision=0001").status_code == 200
    assert client.get(f"{address}?revision=7").status_code == 404
    for wrong in ("²", "abc", "-1", "9" * 40):
        response = client.get(f"{address}?revision={wrong}")
        assert (response.status_code, "“revision”" in response.json()["error"]["message"]) == (400, True), wrong
    assert client.get("/api/v1/assets?limit=0000000000007").json()["limit"] == 7


@pytest.mark.parametrize(
    ("body", "name"),
    [
        ('{"title": "a\\u0000b"}', "title"),
        ('{"title": "\\ud800"}', "title"),
        ('{"foo": 1}', "foo"),
        ('{"collection": "\\u0000"}', "collection"),
    ],
)
def test_a_body_is_refused_by_the_fields_name(client, no_broker, body, name):
    asset = upload(client).json()["asset"]
    response = client.patch(f"/api/v1/assets/{asset['id']}", body, content_type="application/json")
    assert response.status_code == 400
    assert f"“{name}”" in response.json()["error"]["message"]
    assert client.get(f"/api/v1/assets/{asset['id']}").json()["title"] == asset["title"]


def test_numbers_and_depth_are_bounded(client, identifiers):
    address = f"/api/v1/assets/{identifiers[0]}/characters/char_001"
    for value in (2**31, -(2**40)):
        response = client.patch(address, {"revision": value, "name": "A"}, content_type="application/json")
        assert (response.status_code, "“revision”" in response.json()["error"]["message"]) == (400, True)
    deep = "[" * 60 + "]" * 60
    response = client.post("/api/v1/collections", f'{{"name": "A", "options": {{"a": {deep}}}}}', content_type="application/json")
    assert (response.status_code, "“options”" in response.json()["error"]["message"]) == (400, True)
    response = client.post("/api/v1/collections", "[" * 200_000, content_type="application/json")
    assert (response.status_code, response.json()["error"]["code"]) == (400, "request.parse_error")


def test_assets_by_state(client, no_broker):
    from omniscript_mam.models import Job

    first, second = (upload(client, essence(b"film %d" % number)).json()["job"] for number in range(2))
    Job.objects.filter(id=first["id"]).update(state="failed")
    assert [row["id"] for row in client.get("/api/v1/assets?state=failed").json()["results"]] == [first["asset_id"]]
    assert [row["id"] for row in client.get("/api/v1/assets?state=queued").json()["results"]] == [second["asset_id"]]
    assert client.get("/api/v1/assets?state=new").json()["total"] == 0


@pytest.mark.parametrize(
    "path", ["/api", "/api/", "/api/v1", "/api/v2/assets", "/api/v1/nothing", "/api/v1/assets/not-an-id", "/api/v1/assets/1/2"]
)
@pytest.mark.parametrize("method", ["GET", "POST", "DELETE", "BREW"])
def test_addresses_that_lead_nowhere_answer_json(client, path, method):
    response = client.generic(method, path)
    assert response.status_code == 404
    assert_one_shape(response)


def test_a_host_that_is_not_ours_is_told_so_in_json(client):
    response = client.get("/api/v1/assets", headers={"host": "rebound.example"})
    assert response.status_code == 400
    assert_one_shape(response)
    assert "OMNISCRIPT_ALLOWED_HOSTS" in response.json()["error"]["remedy"]
    assert "json" not in client.get("/", headers={"host": "rebound.example"})["Content-Type"]


def test_an_unforeseen_error_has_the_same_shape_and_is_told_to_those_who_watch(client, monkeypatch):
    from omniscript_mam.api import writers

    def fail(*arguments):
        raise ZeroDivisionError("secret detail")

    monkeypatch.setattr(writers, "writer_cards", fail)
    client.raise_request_exception = False
    response = client.get("/api/v1/writers")
    assert (response.status_code, response.json()["error"]["code"]) == (500, "unexpected")
    assert "secret detail" not in response.content.decode()
    client.raise_request_exception = True
    with pytest.raises(ZeroDivisionError):
        client.get("/api/v1/writers")


def test_head_works_on_pages(client, identifiers):
    asset = identifiers[0]
    for path in (
        "/",
        "/jobs/",
        "/search/?q=a",
        "/collections/",
        f"/collections/{identifiers[2]}/",
        f"/assets/{asset}/",
        f"/assets/{asset}/captions.vtt",
    ):
        whole, head = client.get(path), client.head(path)
        assert (head.status_code, head.content) == (whole.status_code, b"") == (200, b""), path
    assert client.head("/upload/").status_code == 405


@pytest.mark.services
def test_postgres_answers_the_same(postgres):  # noqa: F811
    need("postgres")
    environment = {**os.environ, "OMNISCRIPT_DATABASE_URL": postgres, "OMNISCRIPT_TEST_NUM_EXAMPLES": "15"}
    command = [sys.executable, "-m", "pytest", "-x", "-m", "not services", "-p", "no:xdist", __file__]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-4000:]
