"""Signs in sight between names: what is written on the two sides says that it cannot be right."""
