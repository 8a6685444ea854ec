"""Commands of `landmark model`."""
