"""What a model claims, set against what was observed: lines against heard lines, everything else against what is seen and heard then.

witness    what was observed of a stretch, as questions can be put to it
credit     how much of what could be checked was borne out, and the mark that every value gets
lines      dialogue: whose words stand, what is put in, what is left out
values     actions, looks, sounds, places: borne out, contradicted, or not seen by anything else
timing     events of no length, and those that are heaped at the end
echoes     answers that copy the question
codes      every kind of note that is left behind
weigh      the door: a segment's answer in, the answer with its marks out
"""
