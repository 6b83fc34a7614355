"""Asking a language model for scripts: what is asked and answered (:mod:`.engine`), the answer's shape, and how its text is read.

Nothing here knows a particular model. An *engine* turns requests into text: a model on this machine
(:mod:`inference.writers.omniscript`) or a server (:mod:`inference.writers.remote`).
"""
