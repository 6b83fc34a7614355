"""Text engines: requests in, text out. A model on this machine (:mod:`.local`) or behind an address (:mod:`.remote`).

:mod:`.base` says what is asked and answered, and what an engine is. Nothing here knows what is asked for or how the text is read
(:mod:`inference.answers`), and nothing outside of an engine's own room knows which model answers. Importing this loads no model library.
"""
