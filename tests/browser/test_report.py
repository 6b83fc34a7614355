"""The benchmark's HTML report, opened from a file in a real browser: no server, no script, nothing from elsewhere."""

from pathlib import Path

import pytest

from eval.dataset import Sample
from eval.inputs import ScoredScript, load
from eval.report.html import write_report
from eval.runner import Scored
from eval.score import Judges, evaluate

REFERENCES = Path(__file__).resolve().parents[2] / "benchmarks" / "references"


def shaken(script: ScoredScript) -> ScoredScript:
    """An estimate that misses every fourth event and is late with the others."""
    kept = [event for i, event in enumerate(script.events) if i % 4]
    late = tuple(type(event)(event.start_s + 0.4, event.end_s + 0.4, event.texts, event.character) for event in kept)
    return ScoredScript(late, script.scenes, script.names)


@pytest.fixture
def report(tmp_path):
    systems = {"shaken": [], "itself": []}
    for path in sorted(REFERENCES.glob("*.gt.json")):
        reference = load(path)
        sample = Sample(path.name.removesuffix(".gt.json"), path, path)
        for name, estimate in (("shaken", shaken(reference)), ("itself", reference)):
            systems[name].append(Scored(sample, reference, estimate, evaluate(reference, estimate, Judges.lexical())))
    return write_report(systems, tmp_path / "report")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_report_shows_figures_and_the_alignment_of_each_film(browser, report, tmp_path, scheme):
    context = browser.new_context(color_scheme=scheme, viewport={"width": 1200, "height": 1400})
    requested = []
    page = context.new_page()
    page.on("request", lambda request: requested.append(request.url))
    page.goto(report.as_uri())
    assert page.locator("svg.radar polygon.area").count() == 2
    assert page.locator("svg.bars rect").count() == 10
    page.screenshot(path=str(tmp_path / f"report-{scheme}.png"))
    page.get_by_role("link", name="sintel_trailer-720p").first.click()
    assert page.locator("svg.timeline rect.missed").count() > 0
    missed = page.locator("tr.missed")
    assert missed.count() == page.locator("svg.timeline rect.missed").count()
    page.locator("svg.timeline a").first.click()
    assert page.url.endswith("#g0")
    assert all(url.startswith("file://") for url in requested)
    context.close()
