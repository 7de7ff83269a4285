"""The server under load: many readers of a large store, and many kernels that write."""
