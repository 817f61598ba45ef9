"""Turns stock Locust into a load stage: named profiles, checks before the first request, an unrounded record, an exit
code that states the verdict.

A profile file imports `gonogo.load.suite`. This package itself imports nothing: Locust patches the
standard library for gevent on import, which breaks behave and Playwright.
"""
