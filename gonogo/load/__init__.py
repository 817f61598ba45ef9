"""Makes stock Locust a load stage: profiles by name, refusals, an unrounded record, an exit code of our own.

A profile file imports `gonogo.load.suite`. This package itself imports nothing: Locust patches the
standard library for gevent as soon as it is imported, which behave and Playwright do not survive.
"""
