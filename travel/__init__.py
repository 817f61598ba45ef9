"""travel: the reference system, a small travel agency of ten components over HTTP.

The gate's engine never imports this package: it meets it as it would meet anybody's system.
"""
