"""Pictures of released tables: SVG without script, drawn as elements so that every name is escaped."""
