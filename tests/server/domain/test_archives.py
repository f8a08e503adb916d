"""Archives: what goes in comes out, and equal files give equal bytes."""

import io
import zipfile

from hypothesis import given
from hypothesis import strategies as st

from server.domain.archives import pack

FILES = {"tables/a.csv": b"x,y\r\n", "manifest.json": b"{}\n", "charts/a.svg": b""}

paths = st.text("abcdefgh/._", min_size=1, max_size=20)


def test_every_file_comes_out_as_it_went_in():
    with zipfile.ZipFile(io.BytesIO(pack(FILES))) as archive:
        assert {name: archive.read(name) for name in archive.namelist()} == FILES


@given(st.dictionaries(paths, st.binary(max_size=50), max_size=6), st.randoms())
def test_the_order_of_the_files_changes_no_byte(files, chance):
    shuffled = chance.sample(list(files), len(files))
    assert pack(files) == pack({name: files[name] for name in shuffled})


def test_an_archive_tells_no_time_and_no_owner():
    with zipfile.ZipFile(io.BytesIO(pack(FILES))) as archive:
        assert {(entry.date_time, entry.extra, entry.comment) for entry in archive.infolist()} == {
            ((1980, 1, 1, 0, 0, 0), b"", b"")
        }
