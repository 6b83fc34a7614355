"""Two-stage generation against a real server that plays the model."""
