"""Laws of the signs in training code: rows of `rules/laws/*.toml`, held against what hand-written expressions compute.

`words` reads identifiers, `rows` the files, `forms` runs what they say, `match` decides. Only `forms` and `match`
import NumPy.
"""
