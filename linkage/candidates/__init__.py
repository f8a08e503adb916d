"""Which pairs of records come into question: compared exactly, scored, and checked again with a peer."""
