"""How pathways are written; see `schemas/pathway_text.py`."""

from schemas.pathway_text import CUT, STEP, WITH, read_path, read_set, size_of, write_path, write_set

__all__ = ["CUT", "STEP", "WITH", "read_path", "read_set", "size_of", "write_path", "write_set"]
