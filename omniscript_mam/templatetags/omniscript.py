"""Tags and filters: icons, times, sizes for our pages; player, script and search box for a site's own.

    {% load omniscript %}
    {% omniscript_player clip %} {% omniscript_script clip %}     clip: a row of the site's own that is linked, an asset, or an asset's id
    {% omniscript_search %}

They bring their style sheets and scripts along, once a page. The template needs ``request`` in its context.
"""

from __future__ import annotations

from typing import Any

from django import template
from django.db.models import Model
from django.template import Context
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from omniscript_mam.errors import NotFoundError
from omniscript_mam.models import Asset
from omniscript_mam.selectors.assets import asset_detail
from omniscript_mam.selectors.links import asset_of
from omniscript_mam.selectors.saved import num_new_moments
from omniscript_mam.viewer import viewer_of
from omniscript_mam.web.presentation.clock import bytes_text, elapsed, length_text, took_text

register = template.Library()


@register.simple_tag
def icon(name: str, when: str = "", hidden: bool = False) -> SafeString:
    """A picture from the sheet, hidden from screen readers; ``when`` lets a script switch between two (``playing`` / ``paused``)."""
    attributes = format_html(' data-when="{}"', when) if when else ""
    return format_html(
        '<svg class="icon" aria-hidden="true"{}{}><use href="{}#{}"/></svg>',
        attributes,
        " hidden" if hidden else "",
        static("omniscript/img/icons.svg"),
        name,
    )


register.filter("elapsed", elapsed)
register.filter("length_text", length_text)
register.filter("bytes_text", bytes_text)
register.filter("clock", took_text)


@register.simple_tag(takes_context=True)
def new_moments(context: Context) -> SafeString:
    """How many moments are new to the saved searches of whoever looks; nothing for none."""
    number = num_new_moments(viewer_of(context["request"])) if "request" in context else 0
    return format_html(' <span class="new num">{}<span class="sr"> new moments</span></span>', number) if number else SafeString("")


@register.simple_tag(takes_context=True)
def omniscript_player(context: Context, of: Model | str) -> SafeString:
    """The film with its time line; nothing but a line where there is none yet."""
    return _embedded(context, "omniscript/embed/player.html", of)


@register.simple_tag(takes_context=True)
def omniscript_script(context: Context, of: Model | str) -> SafeString:
    """The script with its tabs: scenes and lines, plot, characters, high points. It follows the player on the same page."""
    return _embedded(context, "omniscript/embed/script.html", of)


@register.simple_tag(takes_context=True)
def omniscript_search(context: Context, placeholder: str = "Find a moment") -> SafeString:
    """A search box over the whole archive; it leads to our search page."""
    return _printed(context, "omniscript/embed/search.html", {"placeholder": placeholder})


def _embedded(context: Context, template_name: str, of: Model | str) -> SafeString:
    from omniscript_mam.web.views.asset import context_of  # views import templates' tags in their turn

    viewer = viewer_of(context["request"])
    asset = asset_of(viewer, of) if isinstance(of, Model) and not isinstance(of, Asset) else of
    try:
        detail = asset_detail(viewer, asset.id if isinstance(asset, Asset) else str(asset or ""))
    except NotFoundError:  # none yet, or none that this visitor sees: the site's page stands all the same
        return _printed(context, "omniscript/embed/nothing.html", {})
    return _printed(context, template_name, context_of(detail, context["request"]))


def _printed(context: Context, template_name: str, values: dict[str, Any]) -> SafeString:
    """A part of ours for a page of the site, with what it needs in front if nothing of ours stands on the page yet."""
    needs = not context.render_context.get("omniscript", False)
    context.render_context["omniscript"] = True
    return mark_safe(render_to_string(template_name, {**values, "needs_files": needs}, context["request"]))  # noqa: S308 - by templates that escape
