"""Everything that is read from the archive, as frozen plain data ready to show.

library   the list of assets with status, progress and poster
assets    one asset: script, characters, files to play
jobs      jobs, their steps and segments
revisions the history of a script: undo and redo, comparisons, corrections
people    what a merge would change
media     files to serve, by rendition
search    hits with titles and thumbnails
visible   what a viewer sees: the rows that all of these start from

Each takes a :class:`~omniscript_mam.viewer.Viewer` first; what the viewer does not see is not there for it.
"""
