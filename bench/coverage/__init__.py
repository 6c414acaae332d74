"""Of all places where a claim is made, or something is optimised or chosen: what share is decided, and by what?"""
