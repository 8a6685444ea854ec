"""Floor 0: the vocabulary every room speaks. Imports nothing of Landmark."""
