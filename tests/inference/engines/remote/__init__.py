"""Tests of the remote writer, against a real HTTP server."""
