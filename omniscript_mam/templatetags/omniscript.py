"""Tags and filters that every template may use: icons, times, sizes."""

from __future__ import annotations

from django import template
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString

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
