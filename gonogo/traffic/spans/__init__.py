"""Traces: OpenTelemetry spans taken in or fetched, the calls between components that they tell of, the failing one.

HTTP exchanges and their bodies are `wire`'s business; what a call means for the release is `verdict`'s.
"""
