"""The run folder and its records: the writer and the reader of each file."""
