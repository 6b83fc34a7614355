"""What several pages share: what holds for each, the base template around them, numbers in addresses, the way back, errors as a page."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render as render_template
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.http import require_http_methods

from omniscript_mam.conf import OWN_BASE_TEMPLATE, conf
from omniscript_mam.errors import AppError, describe
from omniscript_mam.http_status import status_of
from omniscript_mam.security import confined

View = Callable[..., HttpResponse]


def page(*methods: str, csrf: bool = True) -> Callable[[View], View]:
    """Declares a view of ours: which methods it answers, and what holds whichever site it stands in.

    Every answer carries the headers that confine our pages, a post needs Django's CSRF token, and an error of ours is answered as a page
    with its own status and remedy (Django finds 403, 404 and 500.html itself).

    Args:
        methods: ``GET`` (and with it ``HEAD``), ``POST``.
        csrf: false for the one view that has to look at a request before Django reads its body; it checks the token itself.
    """

    def declare(view: View) -> View:
        @wraps(view)
        def answer(request: HttpRequest, *arguments: Any, **named: Any) -> HttpResponse:
            try:
                return view(request, *arguments, **named)
            except AppError as error:
                return problem(request, error)

        limited: View = require_http_methods([*methods, "HEAD"] if "GET" in methods else list(methods))(answer)
        return confined(csrf_protect(limited) if csrf else limited)

    return declare


def render(request: HttpRequest, template: str, context: dict[str, Any], status: int = 200) -> HttpResponse:
    """A page or a part of one; a page stands in the base template that ``OMNISCRIPT["BASE_TEMPLATE"]`` names."""
    base = conf.base_template
    return render_template(request, template, {"base_template": base, "is_in_site": base != OWN_BASE_TEMPLATE, **context}, status=status)


def number(text: str | None, default: int) -> int:
    """A whole number that is not negative; the default for anything else."""
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 19 else default


def problem(request: HttpRequest, error: AppError) -> HttpResponse:
    """An error of ours as a page, with its own status and remedy."""
    described, status = describe(error), status_of(error)
    context = {"message": described.message, "remedy": described.remedy, "status": status}
    return render(request, "omniscript/problem.html", context, status=status)


def back(request: HttpRequest, otherwise: str) -> HttpResponse:
    """To the address in ``next``, if it is one of ours; else to the page of that name."""
    target = request.POST.get("next", "")
    if not url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure()):
        target = reverse(otherwise)
    return HttpResponseRedirect(target)
