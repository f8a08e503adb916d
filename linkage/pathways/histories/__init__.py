"""People's histories: episodes, steps and what is made of them, in arrays. No names, no tables."""
