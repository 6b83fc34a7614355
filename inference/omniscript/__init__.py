"""The OmniScript model (paper, section 5.1) in transformers' conventions: configuration, model, processor, and how to build one.

Importing this loads nothing heavy; :mod:`.modeling_omniscript` and :mod:`.processing_omniscript` need the extra ``local`` (torch,
transformers). They register themselves with transformers' Auto classes.
"""
