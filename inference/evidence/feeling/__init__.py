"""What people feel and do to one another while they speak: :mod:`.emotions` of a line, :mod:`.interactions` of a pair."""
