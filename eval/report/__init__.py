"""Reports of a benchmark run: tables for the terminal, JSON for machines, and an HTML page that works from a file."""
