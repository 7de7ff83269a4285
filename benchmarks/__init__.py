"""The figures of CONTRACT.md, each measured beside the real peers."""
