"""What is seen in texts."""
