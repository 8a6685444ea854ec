"""Floor 6: a model in use. One row in, an answer out, kept before it is sent."""
