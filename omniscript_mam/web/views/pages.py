"""What several pages share: the site's base template, numbers in addresses, the way back, our own errors as a page.

Django finds 403, 404 and 500.html itself.
"""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render as render_template
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from omniscript_mam.conf import conf
from omniscript_mam.errors import AppError, describe

OWN_BASE = "omniscript/base.html"


def render(request: HttpRequest, template: str, context: dict[str, Any], status: int = 200) -> HttpResponse:
    """A page or a part of one; a page stands in the base template that ``OMNISCRIPT["BASE_TEMPLATE"]`` names."""
    base = conf.base_template
    return render_template(request, template, {"base_template": base, "is_in_site": base != OWN_BASE, **context}, status=status)


def number(text: str | None, default: int) -> int:
    """A whole number that is not negative; the default for anything else."""
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 19 else default


def problem(request: HttpRequest, error: AppError) -> HttpResponse:
    """An error of ours as a page, with its own status and remedy."""
    found = describe(error)
    return render(
        request, "omniscript/problem.html", {"message": found.message, "remedy": found.remedy, "status": found.status}, status=found.status
    )


def back(request: HttpRequest, otherwise: str) -> HttpResponse:
    """To the address in ``next``, if it is one of ours; else to the page of that name."""
    target = request.POST.get("next", "")
    if not url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure()):
        target = reverse(otherwise)
    return HttpResponseRedirect(target)
