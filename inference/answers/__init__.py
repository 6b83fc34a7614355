"""What language models answer: the shape that is asked for (:mod:`.schema`), and how a model's text is read.

A text from a model that nobody constrained is read in steps: the documents in it (:mod:`.documents`, :mod:`.loose_json`), their shape
(:mod:`.shaping`, :mod:`.vocabulary`), their times (:mod:`.loose_times`), what a loop repeated (:mod:`.repeats`). :mod:`.reading` does
it all; :mod:`.event_stream` reads along while the text is written, :mod:`.resuming` finds where one that stopped early can go on.
"""
