"""What a run keeps for the next one, so that nothing is worked out twice.

Two things are kept in the folder `.vaelint_cache` of a project. *Answers* (`answers.py`): all that one command found
out, for as long as nothing of what it looked at has changed: then no file is read, and nothing of the analysis is
imported. *Parts* (`parts.py`): what the examination of one file yielded, with every question about the files around it
and its answer; it holds as long as the file is the same and the questions are answered alike. What the questions need
of unchanged files, their imports and the names in them, is kept as well (`index.py`).

An entry is believed only if it bears the mark of a key that this user alone has, which is never in the tree: a cache
that came with the checked code is as good as none. What is damaged, half written, of another version or of another
place is none either. Where nothing can be written, a run goes on without.
"""
