"""Two who write one script at once, again and again: page, API, merge, undo and a job that ends. ``python -m … ROUNDS [SEED]``

Both look at the same revision, then both act in the same moment, each over a connection of its own. After every round, everything that was
answered with success since the last undo or rewrite must be in the script, or be listed as waiting. Prints counts as JSON; exits 1 at the
first change that is lost.
"""

from __future__ import annotations

import io
import json
import random
import sys
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import django

django.setup()

from django.core.management import call_command  # noqa: E402
from django.db import transaction  # noqa: E402
from django.test import Client  # noqa: E402

from omniscript_mam.models import Asset, ScriptRevision  # noqa: E402
from omniscript_mam.script import Character, Event, Meta, Scene, Script, from_data  # noqa: E402
from omniscript_mam.selectors.revisions import corrections_of  # noqa: E402
from omniscript_mam.services.archive import assets, scripts  # noqa: E402
from omniscript_mam.viewer import EVERYBODY, SYSTEM  # noqa: E402
from tests.essences import essence  # noqa: E402

NUM_PEOPLE, NUM_MAIN, STEP_S = 10, 3, 3.0
ROUNDS_OF_A_FILM = 25
FIELDS = ("appearance", "voice", "personality")
KINDS = ("page", "api", "merge", "undo", "job")
WEIGHTS = (30, 30, 12, 14, 14)
Change = tuple[str, str, str]
"""Name, field, value; of a merge: who goes, "same", who stays."""


def film(seed: int) -> Script:
    """The film as one run of a writer wrote it: other ids and times in each."""
    chance = random.Random(seed)
    order = list(range(NUM_PEOPLE))
    chance.shuffle(order)
    ids = [f"char_{place:03d}" for place in order]
    events = []
    for number in range(NUM_PEOPLE * 4):
        start_s = STEP_S * number + chance.uniform(0, 0.3)
        who = ids[number % NUM_PEOPLE]
        line = f"Line {number} is about the {number}th thing in the house"
        events.append(Event(id=f"e{seed}_{number}", start_s=start_s, end_s=start_s + 2.4, character_id=who, dialogue=line))
    end_s = STEP_S * len(events) + 1
    people = [Character(id=identifier, name=f"Person {number}", named=True) for number, identifier in enumerate(ids)]
    scene = Scene(id=f"s{seed}", start_s=0, end_s=end_s, location="House", events=events)
    return Script(meta=Meta(duration_s=end_s), characters=people, scenes=[scene])


class Writer:
    """One of the two: does what it is told to the revision that both saw."""

    def __init__(self, asset: Asset, seen: ScriptRevision, kind: str, change: Change, seed: int) -> None:
        self.asset, self.seen, self.kind, self.change, self.seed = asset, seen, kind, change, seed
        self.ids = {person.name: person.id for person in from_data(seen.document).characters}

    def __call__(self, together: threading.Barrier) -> int:
        """The status that was answered."""
        client, asset, number = Client(SERVER_NAME="localhost"), f"/api/v1/assets/{self.asset.id}", self.seen.number
        who, field, value = self.change
        together.wait()
        if self.kind == "job":
            with transaction.atomic():
                scripts.store_revision(SYSTEM, self.asset, film(self.seed), "lite", str(self.seed))
            return 200
        if self.kind == "undo":
            return client.post(f"{asset}/undo", {"revision": number}, content_type="application/json").status_code
        address = f"{asset}/characters/{self.ids[who]}"
        if self.kind == "merge":
            body = {"revision": number, "into": self.ids[value]}
            return client.post(f"{address}/merge", body, content_type="application/json").status_code
        if self.kind == "api":
            return client.patch(address, {field: value}, content_type="application/json", headers={"If-Match": f'"{number}"'}).status_code
        person = from_data(self.seen.document).character(self.ids[who])
        form = {name: getattr(person, name) for name in ("name", *FIELDS)} | {"aliases": ", ".join(person.aliases)}
        sent = {**form, field: value, "verb": "save", "revision": number}
        return client.post(f"/assets/{self.asset.id}/characters/{person.id}/", sent).status_code


class Expected:
    """What must be there: everything that was accepted, less what was undone; ``past`` is what undo goes back to."""

    def __init__(self) -> None:
        self.held: dict[tuple[str, str], str] = {}
        self.past: list[dict[tuple[str, str], str]] = []

    def follow(self, revision: ScriptRevision, accepted: list[Change]) -> None:
        """What one revision did."""
        if revision.kind == "written":
            self.past = []
        elif revision.kind == "undone":
            self.held = self.past.pop()
        else:
            self.past.append(dict(self.held))
            made = {(each.field or "same", each.value) for each in corrections_of(SYSTEM, revision) if each.revision == revision.number}
            for who, field, value in accepted:
                if (field, value) in made or (field == "same" and ("same", None) in made):
                    self.held[who, field] = value

    def missing(self, revision: ScriptRevision) -> list[tuple[str, str, str]]:
        """What is neither in the script nor waiting."""
        script = from_data(revision.document)
        said = corrections_of(SYSTEM, revision)
        waiting = {(each.field or "same", each.value) for each in said if each.problem}
        texts = {(field, getattr(person, field)) for person in script.characters for field in FIELDS}
        names = {person.name for person in script.characters}
        merged = [each.where.names[0] for each in said if each.kind == "same"]
        return [
            (who, field, value)
            for (who, field), value in self.held.items()
            if (who in names or who not in merged if field == "same" else (field, value) not in texts | waiting)
        ]


def round_of(chance: random.Random, asset: Asset, number: int) -> list[Writer]:
    """Two writers, each with something to do."""
    seen = ScriptRevision.objects.filter(asset=asset).order_by("-number").first()
    assert seen is not None
    names = {person.name for person in from_data(seen.document).characters}
    extras = sorted(names - {f"Person {main}" for main in range(NUM_MAIN)})
    made: list[Writer] = []
    for writer in range(2):
        kind = chance.choices(KINDS, WEIGHTS)[0]
        kind = "api" if kind == "merge" and len(extras) < 2 else kind
        change = (f"Person {chance.randrange(NUM_MAIN)}", chance.choice(FIELDS), f"said in round {number} by {writer}")
        if kind == "merge":
            change = (extras.pop(chance.randrange(len(extras))), "same", f"Person {chance.randrange(NUM_MAIN)}")
        made.append(Writer(asset, seen, kind, change, 1000 + 2 * number + writer))
    return made


def main(num_rounds: int, seed: int = 0) -> int:
    """Play the rounds."""
    call_command("migrate", verbosity=0)
    chance, counts = random.Random(seed), Counter[str]()
    with ThreadPoolExecutor(2) as pool:
        for number in range(num_rounds):
            if number % ROUNDS_OF_A_FILM == 0:
                asset = assets.register_upload(EVERYBODY, io.BytesIO(essence(f"film {seed} {number}".encode())), f"film {number}.mp4")[0]
                last, expected = scripts.store_revision(SYSTEM, asset, film(number), "lite", "1").number, Expected()
            writers, together = round_of(chance, asset, number), threading.Barrier(2)
            answers = list(pool.map(lambda each, gate=together: each(gate), writers))
            counts.update(f"{each.kind} {'accepted' if answer < 400 else answer}" for each, answer in zip(writers, answers, strict=True))
            assert all(answer in (200, 302, 409) for answer in answers), (answers, [each.kind for each in writers])
            accepted = [
                each.change for each, answer in zip(writers, answers, strict=True) if answer < 400 and each.kind not in ("undo", "job")
            ]
            rows = list(ScriptRevision.objects.filter(asset=asset, number__gt=last).order_by("number"))
            assert len(rows) == sum(answer < 400 for answer in answers), "one revision for each that was accepted"
            for row in rows:
                expected.follow(row, accepted)
                last = row.number
            current = ScriptRevision.objects.filter(asset=asset).order_by("-number").first()
            assert current is not None
            if lost := expected.missing(current):
                print(
                    json.dumps({"round": number, "lost": lost, "did": [(each.kind, each.change) for each in writers], "answers": answers})
                )
                return 1
            counts["held"] += len(expected.held)
    print(json.dumps({"rounds": num_rounds, "lost": 0, **dict(sorted(counts.items()))}))
    return 0


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])))
