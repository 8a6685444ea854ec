"""From a source to a table that is known and ready."""
