"""The V2S benchmark: metrics, judges, data sets, reports, and films with known scripts."""
