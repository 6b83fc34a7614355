"""Everything that is read from the archive, as frozen plain data ready to show.

library   the list of assets with status, progress and poster
assets    one asset: script, characters, files to play
jobs      jobs, their steps and segments
revisions the history of a script: undo and redo, comparisons, corrections
people    what a merge would change
media     files to serve, by rendition
search    hits with titles and thumbnails
"""
