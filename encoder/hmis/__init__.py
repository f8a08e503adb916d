"""HUD's HMIS CSV export, as a folder or a zip archive: clients and their services in one go."""
