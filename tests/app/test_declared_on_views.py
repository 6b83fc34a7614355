"""What must hold is declared on our views: in a site whose middleware and REST framework are set quite otherwise, it still holds."""

from __future__ import annotations

import json
import uuid

import pytest
from django.test import Client
from django.urls import URLPattern, get_resolver, reverse
from rest_framework.settings import api_settings

from omniscript_mam.api.base import ApiView
from omniscript_mam.api.urls import urlpatterns as api_addresses
from omniscript_mam.security import content_security_policy
from tests.essences import essence

from .test_api import error, named

pytestmark = pytest.mark.django_db(transaction=True)

HOSTS_MIDDLEWARE = ["django.contrib.sessions.middleware.SessionMiddleware", "django.contrib.auth.middleware.AuthenticationMiddleware"]
"""Less than ``startproject`` makes: no CSRF check, no security headers."""

HOSTS_REST_FRAMEWORK = {
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.BrowsableAPIRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.FileUploadParser"],
    "DEFAULT_AUTHENTICATION_CLASSES": ["rest_framework.authentication.BasicAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAdminUser"],
    "DEFAULT_THROTTLE_CLASSES": ["rest_framework.throttling.AnonRateThrottle"],
    "DEFAULT_VERSIONING_CLASS": "rest_framework.versioning.AcceptHeaderVersioning",
    "EXCEPTION_HANDLER": "tests.app.test_declared_on_views.hosts_handler",
}


LEFT_TO_THE_SITE = (
    "renderer_classes", "parser_classes", "authentication_classes", "permission_classes", "throttle_classes", "versioning_class",
    "content_negotiation_class",
)  # fmt: skip
"""What REST framework takes from the site's settings where a view does not say it."""


def hosts_handler(raised: Exception, context: object) -> None:
    raise AssertionError("the host's handler was asked")


@pytest.fixture
def host(settings):
    """A client of a site with settings of its own."""
    settings.MIDDLEWARE = HOSTS_MIDDLEWARE
    settings.REST_FRAMEWORK = HOSTS_REST_FRAMEWORK
    return Client(enforce_csrf_checks=True)


def test_every_view_of_the_api_stands_on_the_base():
    views = [address.callback.cls for address in api_addresses]
    assert views and all(issubclass(view, ApiView) for view in views)
    assert {name for name in LEFT_TO_THE_SITE if name not in vars(ApiView)} == set()


def test_the_api_is_the_same_in_another_site(host, no_broker):
    response = host.get("/api/v1/assets")
    assert (response.status_code, response["Content-Type"]) == (200, "application/json")
    assert api_settings.EXCEPTION_HANDLER is hosts_handler, "the site's own views are still answered by its own handler"
    assert error(host.get("/api/v1/assets", {"limit": "many"}), 400) == "request.parameter"
    assert error(host.put("/api/v1/assets"), 405) == "request.method_not_allowed"
    made = host.post("/api/v1/collections", json.dumps({"name": "Cards"}), content_type="application/json")
    assert made.status_code == 201
    sent = host.post("/api/v1/assets", {"file": named(essence(b"film"), "film.mp4")})
    assert sent.status_code == 201


@pytest.mark.parametrize("origin", [{"origin": "https://evil.example"}, {"origin": "null"}, {"sec-fetch-site": "cross-site"}])
def test_another_sites_page_changes_nothing_through_the_api(host, no_broker, origin):
    asked = host.post("/api/v1/collections", json.dumps({"name": "Cards"}), content_type="application/json", headers=origin)
    assert error(asked, 403) == "request.origin"
    assert host.get("/api/v1/collections", headers=origin).json()["results"] == []


def test_a_post_to_a_page_needs_the_token(host):
    assert host.post("/collections/", {"name": "Cards"}).status_code == 403
    assert host.post("/upload/", {"files": named(essence(b"film"), "film.mp4")}).status_code == 403
    page = host.get("/collections/").content.decode()
    token = page.partition('name="csrfmiddlewaretoken" value="')[2].partition('"')[0]
    assert host.post("/collections/", {"name": "Cards", "csrfmiddlewaretoken": token}).status_code == 302


@pytest.mark.parametrize(
    "address",
    ["/", "/collections/", "/jobs/", "/search/", "/assets/00000000-0000-0000-0000-000000000000/", "/api/v1/", "/media/0", "/upload/"],
)
def test_every_answer_of_ours_is_confined(host, address):
    headers = host.get(address).headers
    assert headers["Content-Security-Policy"] == content_security_policy()
    assert (headers["X-Content-Type-Options"], headers["X-Frame-Options"]) == ("nosniff", "DENY")
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"


def test_the_sites_own_pages_are_left_alone(host):
    assert "Content-Security-Policy" not in host.get("/nothing/here/").headers


def test_what_the_site_sets_itself_stays(settings):
    settings.MIDDLEWARE = [*settings.MIDDLEWARE, "tests.app.test_declared_on_views.hosts_policy"]
    assert Client().get("/jobs/")["X-Frame-Options"] == "SAMEORIGIN"


def hosts_policy(get_response):
    """A site's middleware that has the last word."""

    def answer(request):
        response = get_response(request)
        response["X-Frame-Options"] = "SAMEORIGIN"
        return response

    return answer


def test_static_files_of_another_host_are_let_in(settings):
    settings.STATIC_URL = "https://cdn.example/static/"
    policy = dict(part.split(" ", 1) for part in content_security_policy().split("; "))
    assert policy["script-src"] == "'self' https://cdn.example" and policy["connect-src"] == "'self'"


NOWHERE = {
    "asset_id": uuid.UUID(int=0),
    "collection_id": uuid.UUID(int=0),
    "job_id": uuid.UUID(int=0),
    "saved_id": uuid.UUID(int=0),
    "character_id": "char_x",
    "revision": 1,
    "key": "c1",
}
PAGES = [each for each in get_resolver("omniscript_mam.web.urls").url_patterns if isinstance(each, URLPattern)]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_page_is_declared(host, page):
    """A view without the declaration would answer without headers, or take a post without a token."""
    address = reverse(f"omniscript:{page.name}", kwargs={name: NOWHERE[name] for name in page.pattern.converters})
    shown, sent = host.get(address), host.post(address)
    assert "Content-Security-Policy" in shown.headers and "Content-Security-Policy" in sent.headers
    assert sent.status_code in (403, 405)
    assert (shown.status_code, sent.status_code).count(405) <= 1
