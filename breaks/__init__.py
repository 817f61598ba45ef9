"""The catalogue of breaks: small changes that pass their own component's unit tests and break another component.

Each is tried for real: the altered image, its own unit tests, a PreProd with it, the gate. Breaks are not part of the
engine, and no feature or step is about them.
"""
