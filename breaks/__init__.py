"""The catalogue of breaks: small changes that pass their own component's unit tests and break another component.

Each is tried for real: an altered image, its own unit tests, a PreProd with it, the gate. Not a part of the
engine, and never known to features or steps.
"""
