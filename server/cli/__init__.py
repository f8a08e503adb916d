"""The operator's commands: `waylink serve` and `waylink admin`."""
