"""From observed segments to what is known of the film: joined over borders (:mod:`.gather`), and who is who (:mod:`.identity`)."""
