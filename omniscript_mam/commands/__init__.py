"""The commands of ``omniscript``, one module each; :mod:`.common` has what they share."""
