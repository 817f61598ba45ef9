"""Traces: OpenTelemetry spans, received or fetched, and the calls between components that they describe.

HTTP exchanges and their bodies are in `traffic.http`; `verdict` judges what a call means for the release.
"""
