"""behave and Playwright: hooks, browser, recording and the parallel runner. `gonogo.verdict` judges the results."""
