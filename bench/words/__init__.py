"""How much a word is worth: of the values that have it in their names, how many are, by facts, what it says?"""
