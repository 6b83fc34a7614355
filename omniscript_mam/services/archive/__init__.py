"""What the archive holds: files taken in and given out, scripts and their corrections, collections.

assets       register_upload, rename_asset, change_options, delete_asset
names        what a file is called
renditions   keep proxy, poster, sprite sheet and waveform
scripts      store_revision
characters   corrections of the people in a script, and taking one back
collections  make, change and dissolve them, move films between them
"""
