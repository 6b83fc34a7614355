"""Tests that drive a real Chromium, and the screenshots of the documentation."""
