"""Commands of `landmark config`."""
