"""What hand-written formulas have to obey, by what their parts are called or where they stand."""
