"""The schema: migrations make what the rows' classes say, and the log cannot be changed."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from server.actions.desk import NotRecorded
from server.store.accounts import SeatRow
from server.store.database import Database
from server.store.schema import SchemaBehind, differences, migrate, newest_revision, require_current_schema, revision_of


def test_migrations_make_what_the_models_say(desk):
    assert differences(desk.database) == []


def test_an_empty_database_is_behind(database_url):
    database = Database(database_url)
    assert revision_of(database) is None
    with pytest.raises(SchemaBehind, match="waylink admin migrate"):
        require_current_schema(database)
    migrate(database)
    require_current_schema(database)
    assert revision_of(database) == newest_revision()
    database.close()


@pytest.mark.parametrize("table", ["audit_events", "audit_heads"])
@pytest.mark.parametrize("change", ["DELETE FROM {table}", "UPDATE {table} SET {column} = {column} + 1"])
def test_the_database_refuses_to_change_the_log(coop, table, change):
    column = "seq" if table == "audit_events" else "size"
    with pytest.raises(DBAPIError, match="append-only"), coop.desk.database.writing() as session:
        session.execute(text(change.format(table=table, column=column)))


@pytest.mark.parametrize("table", ["audit_events", "audit_heads"])
def test_the_log_is_not_replaced_either(sqlite_coop, table):
    with pytest.raises(DBAPIError, match="append-only"), sqlite_coop.desk.database.writing() as session:
        session.execute(text(f"INSERT OR REPLACE INTO {table} SELECT * FROM {table}"))  # noqa: S608 (no input)


def test_a_change_that_says_nothing_in_the_log_is_rolled_back(desk):
    with pytest.raises(NotRecorded), desk.changing() as change:
        change.session.add(SeatRow(name="quiet", kind="member", created_at=change.now))
    with desk.reading() as session:
        assert session.get(SeatRow, "quiet") is None


def test_a_state_that_there_is_not_is_refused_by_the_database(coop):
    view = coop.propose()
    with pytest.raises(DBAPIError), coop.desk.database.writing() as session:
        session.execute(text("UPDATE projects SET state = 'happy' WHERE id = :id"), {"id": view.project.id})
