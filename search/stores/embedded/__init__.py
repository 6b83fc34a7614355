"""The embedded stores: one folder on disk, no server."""
