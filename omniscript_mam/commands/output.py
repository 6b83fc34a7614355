"""What the commands write: the one way to standard output and standard error.

Problem: titles, file names and lines of film come from strangers. Raw on a terminal they may move its cursor, rewrite what stands there,
turn its reading order round, or be read as markup; a file name that is no UTF-8 cannot be written at all. So text is made plain here,
once, for all commands, and nothing else of them writes. Our own colours are :class:`Styled` pieces, made of text that is plain already.

Contents: :func:`plain`, :func:`styled`, :func:`echo`, :func:`block`, :func:`print_json`, :func:`deliver`.
"""

from __future__ import annotations

import json
import re
import sys
from typing import Any

import click

from omniscript_mam.errors import sendable

_CONTROLS = "\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029"
_BIDI = "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"
_ACTIVE = re.compile(f"[{_CONTROLS}{_BIDI}]")
"""Characters that a terminal obeys instead of showing them: controls and what turns the reading order. Joiners are letters' own."""
_UNSAFE_IN_JSON = re.compile(f"[{_CONTROLS}{_BIDI}\ud800-\udfff]")


class Styled(str):
    """Text that is plain, with our own colours around it."""

    __slots__ = ()


def plain(text: str) -> str:
    """The text on one line, with nothing in it that a terminal obeys; what was there is shown as “�”."""
    return _ACTIVE.sub("\ufffd", sendable(text)).replace("\n", " ").replace("\t", " ")


def styled(text: str, **style: Any) -> Styled:
    """Plain text in colours, for :func:`echo`.

    Args:
        style: as :func:`click.style` takes it.
    """
    return Styled(click.style(plain(text), **style))


def echo(*pieces: str, err: bool = False) -> None:
    """Write one line.

    Args:
        pieces: text of anybody, made plain here, and :class:`Styled` text.
        err: to standard error instead of standard output.
    """
    click.echo("".join(piece if isinstance(piece, Styled) else plain(piece) for piece in pieces), err=err)


def block(text: str, *, err: bool = False) -> None:
    """Write several lines, each made plain; columns and empty lines stay."""
    click.echo("\n".join(plain(line) for line in text.split("\n")), err=err)


def as_json(data: Any) -> str:
    """JSON in which what a terminal obeys stands as its number, so that nothing is lost and nothing happens."""
    text = json.dumps(data, ensure_ascii=False, indent=2, default=str)
    return _UNSAFE_IN_JSON.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def print_json(data: Any) -> None:
    """Write plain data to standard output."""
    click.echo(as_json(data))


def deliver(document: str | bytes) -> None:
    """Write a document of a format of its own: to a file or a program as it is, to a terminal made plain."""
    if isinstance(document, bytes):
        click.echo(document, nl=False)
    elif sys.stdout.isatty():
        block(document)
    else:
        click.echo(sendable(document))
