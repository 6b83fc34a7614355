"""What small models observe of footage, each value with its confidence: heard, seen, cut, and joined over the film."""
