"""Signs flipped one at a time in packages that nobody had read: what share of the flips gives a finding?"""
