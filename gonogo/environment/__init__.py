"""The environment under test: probes of its components, and starting and stopping it for a run."""
