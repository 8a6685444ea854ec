"""Demo data whose best possible answer is known: support tickets drawn from written-down probabilities."""
