"""Disclosure control: raw counts in, tables that may be published out. The only door between them."""
