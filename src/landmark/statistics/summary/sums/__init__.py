"""What the states of columns are made of: sums, counts and samples that can be merged in any order."""
