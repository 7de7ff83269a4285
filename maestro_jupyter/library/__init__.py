"""The library: what a notebook has becomes bytes and comes back, is found, and is judged by its use."""
