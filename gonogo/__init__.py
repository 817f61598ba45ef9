"""gonogo: tries a release in PreProd as its users and its load would meet it, and answers GO, NO-GO or INCONCLUSIVE."""

__version__ = "0.1.0"
