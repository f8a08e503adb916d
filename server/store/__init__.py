"""The memory: what the server keeps, and how it stays whole."""
