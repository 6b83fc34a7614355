"""The ears: voices, words, speakers and sounds of a stretch of film (:mod:`.hear`). Importing this file loads nothing heavy."""
