"""HTTP: text to typed arguments, one action, what it gives back to bodies. No rules of its own."""
