"""The database of the pool: a typed table for each class of the datamodel."""

from __future__ import annotations

from pathlib import Path

from xapi.datamodel import CLASSES
from xapi.datamodel.relations import MANY_TO_MANY, ONE_TO_MANY
from xapi.db.feed import Feed
from xapi.db.records import RECORDS, Tables
from xapi.db.store import Store


class Database(Store, Tables):
    """`db.vm`, `db.host_cpu`, …: one table for each class that has rows; messages among them.

    Without a path everything is in memory only (tests). With one, the file is opened or made, and is this process's
    alone.
    """

    def __init__(self, path: Path | None = None) -> None:
        super().__init__(CLASSES, RECORDS, (*ONE_TO_MANY, *MANY_TO_MANY), path)
        self.feed = Feed(self)
        for table in self.tables():
            setattr(self, table.shape.wire_name, table)
