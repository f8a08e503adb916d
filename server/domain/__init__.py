"""What is allowed, as data and plain functions: no database, no HTTP, no clock."""
