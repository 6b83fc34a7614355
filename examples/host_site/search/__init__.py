"""The newsroom's own search, by shelf and slug line. OmniScript has a package of this name in its repository; they must not meet."""
