"""What happened, and what came of it: runs, steps, artifacts, lineage, signatures."""
