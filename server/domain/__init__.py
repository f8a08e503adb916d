"""The rules: who, what and when, as plain functions. No database, no HTTP, no clock."""
