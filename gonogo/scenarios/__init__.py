"""behave and Playwright: hooks, browser, recording and the parallel runner. What a run left is judged elsewhere."""
