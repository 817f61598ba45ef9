"""The reusable step library: what scenarios of any system say, apart from what one shop sells.

Each module is one capability: a client that can be used from any step, and step definitions on top
of it. A suite takes what it needs by importing it in one of its step files:

    from gonogo.steps import health, mail, wording  # noqa: F401

`behave --steps-catalog` lists the sentences. Pages and services of one system do not belong here.
"""
