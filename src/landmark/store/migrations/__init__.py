"""How the tables of a store came to be as they are: one file for each change, in `versions`.

A store that stands at HEAD is used as it is, and Alembic (a third of a second) is not imported.
"""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection

HEAD = "0001"
"""The newest revision; a test holds it to the files."""

FOLDER = Path(__file__).parent


def upgrade(connection: Connection) -> None:
    """Bring the tables to HEAD, inside the connection's transaction.

    Raises: LookupError when they stand at a revision this version of Landmark has never heard of.
    """
    from alembic.operations import Operations
    from alembic.runtime.migration import MigrationContext
    from alembic.script import ScriptDirectory

    script = ScriptDirectory(FOLDER)
    context = MigrationContext.configure(connection)
    at = context.get_current_revision()
    if at is not None and at not in {revision.revision for revision in script.walk_revisions()}:
        raise LookupError(at)
    with Operations.context(context):
        for revision in reversed(list(script.iterate_revisions("head", at or "base"))):
            revision.module.upgrade()
            context.stamp(script, revision.revision)
