"""From a parsed query to moments: channels find candidates, scoring and selection choose, records become moments with reasons."""
