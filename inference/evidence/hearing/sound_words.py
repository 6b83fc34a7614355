"""What people call the sounds that the tagger knows: AudioSet's names grouped under the words of a screenplay.

The tagger's 521 classes overlap ("Vehicle", "Car", "Car passing by" for one car), and its names are those of a catalogue. A group
collects the classes that a listener would describe with one phrase; the tagger's evidence is pooled over the group. Classes in no
group (speech, rooms, noise, instruments so rare that the tagger guesses) are never reported.

Contents: :class:`SoundGroup`, ``GROUPS``, :func:`sound_phrase`.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class SoundGroup:
    """Classes described by one phrase. ``is_brief``: a single moment of it counts (a shot, a slam)."""

    phrase: str
    labels: tuple[str, ...]
    is_brief: bool = False


_LASTING = """
music = Music|Musical instrument|Background music|Theme music|Soundtrack music|Song|Pop music|Independent music
  |Music for children|Jingle (music)|Video game music
rock music = Rock music|Heavy metal|Punk rock|Grunge|Progressive rock|Rock and roll|Psychedelic rock|Electric guitar
orchestral music = Orchestra|Classical music|String section|Bowed string instrument|Violin, fiddle|Cello|Double bass
  |Brass instrument|French horn|Trumpet|Trombone
jazz = Jazz|Swing music|Saxophone|Blues
electronic music = Electronic music|House music|Techno|Dubstep|Drum and bass|Electronica|Electronic dance music
  |Trance music|Synthesizer|Disco
ominous music = Scary music
sad music = Sad music
gentle music = Tender music|Lullaby|New-age music|Ambient music
cheerful music = Happy music|Dance music
exciting music = Exciting music|Angry music
christmas music = Christmas music
guitar music = Guitar|Acoustic guitar|Plucked string instrument|Strum|Banjo|Ukulele|Mandolin|Steel guitar, slide guitar
  |Bass guitar
piano music = Piano|Keyboard (musical)|Electric piano|Harpsichord
organ music = Organ|Electronic organ|Hammond organ
flute music = Flute|Wind instrument, woodwind instrument|Clarinet
harp music = Harp
accordion music = Accordion|Harmonica|Bagpipes
drums = Drum|Drum kit|Snare drum|Bass drum|Percussion|Drum roll|Timpani|Drum machine
singing = Singing|Vocal music|A capella|Child singing|Opera|Rapping|Humming
a choir sings = Choir|Chant|Mantra|Gospel music|Christian music
people laugh = Laughter|Giggle|Snicker|Belly laugh|Chuckle, chortle|Baby laughter
someone cries = Crying, sobbing|Whimper|Wail, moan
a baby cries = Baby cry, infant cry
screams = Screaming
shouting = Shout|Bellow|Yell|Children shouting|Whoop
whispering = Whispering
heavy breathing = Breathing|Pant|Wheeze
snoring = Snoring
whistling = Whistling
groans = Groan|Grunt
a crowd cheers = Cheering
applause = Applause|Clapping
a crowd murmurs = Crowd|Chatter|Hubbub, speech noise, speech babble
children play = Children playing
footsteps = Walk, footsteps|Shuffle|Run|Patter
a heartbeat = Heart sounds, heartbeat|Heart murmur
a dog barks = Dog|Bark|Yip|Howl|Bow-wow|Growling|Whimper (dog)|Canidae, dogs, wolves
a cat = Cat|Purr|Meow|Caterwaul
hoofbeats = Clip-clop
a horse = Horse|Neigh, whinny
cattle = Cattle, bovinae|Moo
sheep or goats = Goat|Bleat|Sheep
a pig grunts = Pig|Oink
poultry = Fowl|Chicken, rooster|Cluck|Crowing, cock-a-doodle-doo|Turkey|Gobble|Duck|Quack|Goose|Honk
a beast roars = Roaring cats (lions, tigers)|Roar
birdsong = Bird|Bird vocalization, bird call, bird song|Chirp, tweet|Squawk|Pigeon, dove|Coo|Crow|Caw
an owl hoots = Owl|Hoot
wings flap = Bird flight, flapping wings
insects buzz = Insect|Mosquito|Fly, housefly|Buzz|Bee, wasp, etc.
crickets = Cricket
frogs croak = Frog|Croak
wind = Wind|Wind noise (microphone)
leaves rustle = Rustling leaves
thunder = Thunder|Thunderstorm
rain = Rain|Raindrop|Rain on surface
running water = Stream|Waterfall|Gurgling|Trickle, dribble|Gush|Water tap, faucet|Sink (filling or washing)
  |Bathtub (filling or washing)
waves = Ocean|Waves, surf
splashing water = Water|Splash, splatter|Slosh|Drip|Pour|Fill (with liquid)|Spray
a fire crackles = Fire|Crackle
a vehicle = Vehicle|Motor vehicle (road)
a car = Car|Car passing by
a racing car = Race car, auto racing|Accelerating, revving, vroom
a truck = Truck|Air brake|Bus
a car horn = Vehicle horn, car horn, honking|Toot|Air horn, truck horn
screeching tyres = Skidding|Tire squeal
a siren = Siren|Police car (siren)|Ambulance (siren)|Fire engine, fire truck (siren)|Emergency vehicle
  |Civil defense siren
a motorcycle = Motorcycle
traffic = Traffic noise, roadway noise
a train = Rail transport|Train|Railroad car, train wagon|Train wheels squealing|Subway, metro, underground
a train whistle = Train whistle|Train horn|Steam whistle
a boat = Boat, Water vehicle|Motorboat, speedboat|Ship|Rowboat, canoe, kayak|Sailboat, sailing ship
an aircraft = Aircraft|Aircraft engine|Jet engine|Propeller, airscrew|Fixed-wing aircraft, airplane
a helicopter = Helicopter
an engine = Engine|Light engine (high frequency)|Medium engine (mid frequency)|Heavy engine (low frequency)
  |Engine knocking|Engine starting|Idling
a chainsaw = Chainsaw
a drill = Drill|Power tool|Jackhammer|Dental drill, dentist's drill
sawing = Sawing
hammering = Hammer
a vacuum cleaner = Vacuum cleaner|Hair dryer
frying = Frying (food)|Sizzle
dishes clatter = Dishes, pots, and pans|Cutlery, silverware|Clatter
typing = Typing|Typewriter|Computer keyboard
a telephone rings = Telephone|Telephone bell ringing|Ringtone
a dial tone = Telephone dialing, DTMF|Dial tone|Busy signal
an alarm = Alarm|Alarm clock|Smoke detector, smoke alarm|Fire alarm|Buzzer|Car alarm
a foghorn = Foghorn
a clock ticks = Clock|Tick|Tick-tock
machinery = Mechanisms|Gears|Pulleys|Ratchet, pawl|Sewing machine
a fan hums = Mechanical fan|Air conditioning
bells = Bell|Church bell|Change ringing (campanology)|Chime|Wind chime|Tubular bells
jingling = Jingle bell|Jingle, tinkle|Keys jangling
fireworks = Fireworks|Firecracker
gunfire = Gunshot, gunfire|Machine gun|Fusillade|Artillery fire|Cap gun
beeping = Beep, bleep|Reversing beeps|Ping
static = Static|White noise|Pink noise
a rumble = Rumble
whooshing = Whoosh, swoosh, swish
a creak = Creak|Squeak|Squeal
rustling = Rustle|Crumpling, crinkling
"""

_BRIEF = """
an explosion = Explosion|Eruption|Boom
a bang = Bang|Burst, pop
a thud = Thump, thud|Thunk
a crash = Smash, crash|Breaking|Crushing
glass breaks = Shatter|Glass|Chink, clink
a slap = Slap, smack|Whack, thwack
a whip cracks = Whip
a door = Door|Slam|Sliding door|Cupboard open or close|Drawer open or close
a knock = Knock|Tap
a doorbell = Doorbell|Ding-dong
a gasp = Gasp|Sigh
a cough = Cough|Throat clearing|Sneeze|Sniff|Snort
a camera clicks = Camera|Single-lens reflex camera
a clang = Clang|Ding
a gong = Gong|Cymbal
a whistle = Whistle
a click = Clicking
tearing = Tearing
coins = Coin (dropping)|Cash register
"""


def _parse(table: str, is_brief: bool) -> list[SoundGroup]:
    rows = (line.partition(" = ") for line in table.replace("\n  |", "|").strip().splitlines())
    return [SoundGroup(phrase, tuple(labels.split("|")), is_brief) for phrase, _, labels in rows]


GROUPS: tuple[SoundGroup, ...] = tuple(_parse(_LASTING, False) + _parse(_BRIEF, True))
"""All groups; a class belongs to one at most."""

_PHRASES = {label: group.phrase for group in GROUPS for label in group.labels}
_GENERAL = {
    "music": ("music", "drums"),
    "a vehicle": (
        "a car",
        "a truck",
        "a motorcycle",
        "a train",
        "a boat",
        "an aircraft",
        "a helicopter",
        "a racing car",
        "a siren",
        "traffic",
    ),
    "an engine": ("a car", "a truck", "a motorcycle", "a helicopter", "an aircraft", "a racing car", "a boat", "a vehicle", "a train"),
    "splashing water": ("rain", "waves", "running water"),
    "a bang": ("an explosion", "gunfire", "fireworks"),
    "machinery": ("a train", "an engine"),
}
"""Phrase → phrases that say the same more exactly."""


def sound_phrase(label: str, *others: str) -> str:
    """What a person would write for one tagged sound, or for several heard together; "" for a class that is not worth a cue.

    >>> sound_phrase("Explosion")
    'an explosion'
    >>> sound_phrase("Music", "Orchestra")
    'orchestral music'
    >>> sound_phrase("Dog", "Rain")
    'a dog barks, rain'
    """
    phrases = list(dict.fromkeys(_PHRASES[name] for name in (label, *others) if name in _PHRASES))
    return ", ".join(phrase for phrase in phrases if not any(is_covered(phrase, other) for other in phrases))


def is_covered(phrase: str, other: str) -> bool:
    """Whether ``other`` says the same more exactly."""
    if phrase == "music":
        return other != phrase and other.endswith((" music", "jazz"))
    return other in _GENERAL.get(phrase, ())
