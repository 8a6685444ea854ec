"""How good the model is, and whether it may replace the one before."""
