"""HTTP exchanges: whose address is whose, which endpoint a path belongs to, what an answer says of its cause."""
