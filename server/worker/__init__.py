"""The worker: takes runs off the queue and does them, in a process of its own that may be killed at any moment."""
