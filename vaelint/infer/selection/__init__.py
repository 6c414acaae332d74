"""What is selected by: checkpoints, schedulers, searches, and what is kept as the best."""
