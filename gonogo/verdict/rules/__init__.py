"""One module a subject: what the evidence says about the release, each rule with a name."""
