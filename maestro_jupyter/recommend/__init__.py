"""What to try next, learned from what was tried before."""
