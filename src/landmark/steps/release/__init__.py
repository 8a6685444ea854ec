"""From a judged model to one file."""
