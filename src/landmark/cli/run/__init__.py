"""Commands of `landmark run`."""
