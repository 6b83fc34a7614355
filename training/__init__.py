"""Training recipes: one flat file each, to be read from top to bottom, with its options in one dataclass.

What a model is asked while it learns is what a writer asks it (``inference.answers``, ``inference.prompts``), and what it has learnt is
measured by the benchmark (``eval``), so that nothing is judged by another yardstick than the product's.

    films       made films whose pictures cannot tell their words: what the recipe below learns from
    overfit     can the model learn at all: a tiny one is taught a handful of films by heart
"""
