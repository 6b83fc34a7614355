"""Who asks, and what they may see and do: the first argument of every selector and of every service that a door calls.

Rights are decided where a viewer is made (:func:`viewer_of` for pages and the API, :func:`cli_viewer` for commands, :data:`SYSTEM` for
workers) and applied in two places: :mod:`omniscript_mam.selectors.visible` starts every reading with the rows that a viewer sees, and
:meth:`Viewer.require` stands first in every service. For now everybody may everything.
"""

from __future__ import annotations

import getpass
import uuid
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from omniscript_mam.errors import ForbiddenError

if TYPE_CHECKING:
    from django.http import HttpRequest
    from rest_framework.request import Request


class Action(StrEnum):
    """What a viewer may do to what they see.

    ``CORRECT`` is all daily work: take films in, rename and move them, have scripts written, correct them. ``ADMINISTER`` is what
    reaches others: collections, taking films out of the archive, the index.
    """

    VIEW = "view"
    CORRECT = "correct"
    EXPORT = "export"
    ADMINISTER = "administer"


@dataclass(frozen=True)
class Viewer:
    """Who asks.

    Attributes:
        user_id: the site's key of the user, as text; "" for somebody without an account; programs of ours have names with a colon.
        name: the author of the revisions that they make; "" where nobody is known by name.
        collections: ids of the collections whose films they may see ("" for films that are in none); ``None`` for all.
        actions: what they may do.
    """

    user_id: str = ""
    name: str = ""
    collections: frozenset[str] | None = None
    actions: frozenset[Action] = frozenset(Action)

    def sees(self, collection_id: uuid.UUID | str | None) -> bool:
        """True if films of this collection (``None`` or "": of none) may be seen."""
        return Action.VIEW in self.actions and (self.collections is None or str(collection_id or "") in self.collections)

    def may(self, action: Action) -> bool:
        """True if they may do this, to what they see."""
        return action in self.actions

    def require(self, action: Action, *collection_ids: uuid.UUID | str | None) -> None:
        """Make sure that they may do this to films of these collections (``None``: films in none).

        Raises:
            ForbiddenError: they may not.
        """
        if not self.may(action):
            raise ForbiddenError(f"You may not {action} here.")
        if not all(map(self.sees, collection_ids)):
            raise ForbiddenError("This is in a collection that you may not see.")

    def require_everywhere(self, action: Action) -> None:
        """Make sure that they may do this, and see the whole archive.

        Raises:
            ForbiddenError: they may not, or see only parts of it.
        """
        self.require(action)
        if self.collections is not None:
            raise ForbiddenError("Only those who see the whole archive may do this.")


EVERYBODY = Viewer()
"""Somebody of whom nothing is known."""

SYSTEM = Viewer("omniscript:system")
"""The archive's own programs: workers, the reaper, the site's receivers of our signals. What they write has a writer and no author."""


def viewer_of(request: HttpRequest | Request) -> Viewer:
    """Who sent a request: the site's user, or somebody without an account."""
    user = getattr(request, "user", None)
    return Viewer(str(user.pk), user.get_username()) if user is not None and user.is_authenticated else EVERYBODY


def cli_viewer() -> Viewer:
    """Who typed a command, by the name that the operating system has for them."""
    try:
        name = getpass.getuser()
    except (KeyError, OSError):  # a container's number without a name
        name = ""
    return Viewer("omniscript:command-line", name)
