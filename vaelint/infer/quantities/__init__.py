"""What arithmetic makes of senses, and the shapes that are more than their arithmetic."""
