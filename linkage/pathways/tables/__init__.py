"""The tables: one maker each, from histories to unknowns, counts and rows."""
