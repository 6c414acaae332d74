"""The project's files as the interpreter sees them: modules, classes, and what ties them together."""
