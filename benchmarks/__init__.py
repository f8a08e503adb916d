"""What things cost, beside what the same costs elsewhere. See README.md."""
