"""The front door: one command composed of the zones' verbs, and the demo."""

from importlib.metadata import version

__version__ = version("waylink")
