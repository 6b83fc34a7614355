"""Databases of earlier releases: nothing that matters is lost on the way to the present one, and there is a way back."""

from __future__ import annotations

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

pytestmark = pytest.mark.django_db(transaction=True)

APP = "omniscript_mam"
USAGE = {"num_prompt_tokens": 400, "num_new_tokens": 100, "cost": 0.01, "currency": "EUR"}
PROFILES = {"profiles": [{"id": "char_001", "label": "Woman 1", "name": "Ann"}]}


def migrate(name: str):
    """Bring the database to a migration; returns the models as they are there."""
    executor = MigrationExecutor(connection)
    executor.migrate([(APP, name)])
    return MigrationExecutor(connection).loader.project_state([(APP, name)]).apps


@pytest.fixture
def old():
    """The models of the release before plan summaries; the present ones are there again afterwards."""
    yield migrate("0002_collections_and_segment_leases")
    executor = MigrationExecutor(connection)
    executor.migrate([leaf for leaf in executor.loader.graph.leaf_nodes() if leaf[0] == APP])


def make_job(models, plan: dict | None, state: str = "done"):
    asset = models.get_model(APP, "Asset").objects.create(title="Harbour")
    job = models.get_model(APP, "Job").objects.create(asset=asset, state=state)
    result = {"plan": plan, "writer": "omniscript", "version": "8b"} if plan is not None else {}
    models.get_model(APP, "Step").objects.create(job=job, name="plan", position=4, result=result)
    models.get_model(APP, "Segment").objects.create(job=job, index=0, start_s=0.0, end_s=1.0, draft='{"light": 1}')
    return job


def test_what_plans_held_becomes_columns(old):
    told = make_job(old, {"segments": [], "notes": {"usage": USAGE, "profiles": PROFILES}})
    silent = make_job(old, {"segments": [], "notes": {}})
    waiting = make_job(old, None, "queued")
    PlanSummary = migrate("0003_plan_summaries").get_model(APP, "PlanSummary")
    rows = {row.job_id: (row.num_tokens, row.cost, row.currency, row.profiles) for row in PlanSummary.objects.all()}
    assert rows == {told.id: (500, 0.01, "EUR", PROFILES), silent.id: (0, None, "", {})}
    assert waiting.id not in rows


def test_drafts_plans_and_waiting_jobs_stay_as_they_are(old):
    plan = {"segments": [{"index": 0, "start_s": 0.0, "end_s": 1.0}], "notes": {"usage": USAGE}}
    job = make_job(old, plan, "queued")
    new = migrate("0003_plan_summaries")
    assert new.get_model(APP, "Step").objects.get(job_id=job.id).result["plan"] == plan
    assert new.get_model(APP, "Segment").objects.get(job_id=job.id).draft == '{"light": 1}'
    assert new.get_model(APP, "Job").objects.get(id=job.id).state == "queued"


def test_the_way_back_reads_the_characters_from_the_scripts(old):
    asset = make_job(old, None).asset
    events = [{"id": "e1", "character_id": "char_001"}, {"id": "e2", "character_id": "char_001"}, {"id": "e3"}]
    people = [{"id": "char_001", "name": "Ann", "named": True, "aliases": ["Annie"]}, {"id": "unknown_002", "name": "Man 1"}]
    document = {"scenes": [{"events": events}], "characters": people}
    old.get_model(APP, "ScriptRevision").objects.create(asset=asset, number=1, document={"scenes": []}, writer="lite")
    old.get_model(APP, "ScriptRevision").objects.create(asset=asset, number=2, document=document, writer="lite")
    migrate("0003_plan_summaries")
    Character = migrate("0002_collections_and_segment_leases").get_model(APP, "Character")
    rows = Character.objects.order_by("identifier").values_list("identifier", "name", "named", "aliases", "num_events")
    assert list(rows) == [("char_001", "Ann", True, ["Annie"], 2), ("unknown_002", "Man 1", False, [], 0)]
