"""What is written, by noun: each function is one unit of work, done wholly or not at all.

They speak the common SQL to whatever database they are given. Where several may write at once,
a unit first locks the rows whose state it decides by; SQLite, which has one writer, needs none of
these locks and reads them as comments.
"""
