"""Pathway counts: events in, how many people took which way out, before disclosure control."""
