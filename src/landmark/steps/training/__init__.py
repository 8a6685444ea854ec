"""From a ready table to the simplest adequate model."""
