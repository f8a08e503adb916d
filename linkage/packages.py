"""Require the packages that linking and counting need, and encoding does not: the extra `link`."""

from __future__ import annotations

from importlib.util import find_spec

from linkage.errors import LinkingNotInstalled

_PACKAGES = ("anonlink", "highspy", "pandas", "scipy")


def require_packages() -> None:
    """See that the extra `link` is installed.

    Raises:
        LinkingNotInstalled: waylink was installed as members need it who only encode.
    """
    missing = [name for name in _PACKAGES if find_spec(name) is None]
    if missing:
        raise LinkingNotInstalled(
            f"the packages for linking and counting are not installed ({', '.join(missing)})",
            fix="install them: pip install 'waylink[link]'",
        )
