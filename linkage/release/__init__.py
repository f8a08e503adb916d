"""The release: tables that passed disclosure control in; files for analysts, pictures and a report for people out."""
