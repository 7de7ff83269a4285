"""The Jupyter server extension: an authenticated REST interface over the store."""
