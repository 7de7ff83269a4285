"""The library: what people have in a notebook becomes bytes and comes back, is found, and is judged by its use."""
