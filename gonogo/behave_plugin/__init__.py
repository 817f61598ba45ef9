"""behave and Playwright: hooks, browser, recorder and the parallel runner.

The only room that imports behave and Playwright (with `gonogo.steps`, which scenarios are written
with); what a run left behind is judged elsewhere, from the evidence that is written here.
"""
