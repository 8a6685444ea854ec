"""Commands of `landmark archive`."""
