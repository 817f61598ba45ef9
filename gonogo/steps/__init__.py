"""The reusable step library: steps that fit any system under test.

Each module is one capability: a client that can be used from any step, and step definitions based
on it. A suite imports the modules that it needs in one of its step files:

    from gonogo.steps import health, mail, wording  # noqa: F401

`behave --steps-catalog` lists the steps. Pages and services of one system do not belong here.
"""
