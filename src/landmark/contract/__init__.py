"""The contract of a table: inferred, written, edited by people, held against every table that comes after."""
