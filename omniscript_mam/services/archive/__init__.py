"""What the archive holds: files taken in and given out, scripts and their corrections, collections.

assets       register_upload, rename_asset, change_options, delete_asset
names        what a file is called
sidecars     keep the subtitle files that come with a film
renditions   keep proxy, poster, sprite sheet and waveform
scripts      store_revision: the one way in which a script is stored
correcting   a person's change, joined with what others changed; undo, redo, restore; corrections that do not fit
characters   corrections of the people in a script
collections  make, change and dissolve them, move films between them
"""
