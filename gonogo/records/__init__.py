"""The run folder and its records: each file's reader beside its writer."""
