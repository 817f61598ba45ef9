"""The named rules that make findings of evidence, one module per subject."""
