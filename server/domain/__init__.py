"""The rules: states, permissions, policies and the audit log. No web framework, no database, no clock."""
