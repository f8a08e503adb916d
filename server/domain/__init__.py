<<<<<<< HEAD
"""What is allowed, as data and plain functions: no database, no HTTP, no clock."""
=======
"""The rules: states, permissions, policies and the audit log. No web framework, no database, no clock."""
>>>>>>> audit
