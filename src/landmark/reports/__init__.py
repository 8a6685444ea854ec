"""Views of artifacts: JSON, terminal, HTML. Nothing is computed here that an artifact does not hold."""
