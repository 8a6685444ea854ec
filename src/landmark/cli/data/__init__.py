"""Commands of `landmark data`."""
