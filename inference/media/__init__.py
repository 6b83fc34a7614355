"""Media: what a file is, its frames and sound on one clock, its shots, and its renditions. Owned by the media modules beside this file."""
