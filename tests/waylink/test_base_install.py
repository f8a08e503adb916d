"""The base install stays small: what it needs, as the metadata of what is installed says."""

from benchmarks.install import base_install

MOST_BYTES = 320_000_000


def test_the_base_install_is_under_320_megabytes():
    packages = base_install()
    assert {"waylink", "numpy", "clkhash", "cryptography"} <= {one.name for one in packages}
    assert all(one.size > 0 for one in packages if one.name != "waylink")  # the sizes are there to be counted
    assert sum(one.size for one in packages) < MOST_BYTES


def test_extras_are_not_in_the_base_install():
    assert not {"fastapi", "psycopg", "pytest", "pyarrow", "keyring"} & {one.name for one in base_install()}
