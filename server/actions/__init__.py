"""One verb = one transaction = one audit event. Every way in (HTTP, the operator's commands, the worker) ends here."""
