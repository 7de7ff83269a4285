"""One adapter per contender; each runs in its own interpreter and answers in JSON."""
