"""The library: what people have in a notebook becomes bytes, and bytes become what they were."""
