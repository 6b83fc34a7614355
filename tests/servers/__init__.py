"""Tests against real model servers (make test-servers). Each makes its own environment; without one they are skipped."""
