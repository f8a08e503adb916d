"""Memory: the database (SQLite or PostgreSQL), one file a noun, and the encrypted blobs."""
