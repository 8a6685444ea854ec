"""Summaries of columns, distances between them, and resampling of rows."""
