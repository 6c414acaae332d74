"""What proofs of rules are tried on: a right answer, one near it and one far from it, of each sort."""
