"""Released tables as Parquet: the columns and values of their CSV files, with types. Needs pyarrow."""

from __future__ import annotations

import io
import json
from importlib.util import find_spec
from typing import TYPE_CHECKING

from linkage.release.csv_files import columns_of, values_of
from schemas import ReleaseTable
from schemas.table_columns import FileColumn, Kind
from schemas.table_schema import schema_id

if TYPE_CHECKING:
    import pyarrow

METADATA = b"waylink"
"""The key of the file's metadata under which the table's name, title and schema stand, as JSON."""


def can_write_parquet() -> bool:
    """Whether pyarrow is installed."""
    return find_spec("pyarrow") is not None


def parquet_bytes(table: ReleaseTable) -> bytes:
    """A table as one Parquet file; equal tables give equal bytes with one version of pyarrow.

    Texts are strings, counts int64, other numbers float64; a number that is not there is null.
    """
    import pyarrow as pa
    from pyarrow import parquet

    columns = columns_of(table)
    rows = list(values_of(table))
    about = {"table": table.name, "title": table.title, "schema": schema_id(table.name)}
    fields = [pa.field(one.name, _type(one), metadata={"description": one.says}) for one in columns]
    schema = pa.schema(fields, metadata={METADATA: json.dumps(about, ensure_ascii=False).encode()})
    arrays = [pa.array([row[at] for row in rows], field.type) for at, field in enumerate(fields)]
    file = io.BytesIO()
    parquet.write_table(pa.Table.from_arrays(arrays, schema=schema), file, compression="zstd")
    return file.getvalue()


def _type(column: FileColumn) -> pyarrow.DataType:
    import pyarrow as pa

    if column.kind is Kind.TEXT:
        return pa.string()
    return pa.int64() if column.kind in (Kind.COUNT, Kind.WHOLE) else pa.float64()
