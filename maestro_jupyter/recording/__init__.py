"""What happens in the kernel: observations become redacted, checksummed lines of a journal."""
