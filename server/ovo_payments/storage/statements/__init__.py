"""The SQL that every database understands, by noun.

Parameters are written `:name`; a driver that writes them otherwise rewrites that. SQLite has one
writer and needs no row locks: what stands in `/* FOR … */` is said to the others alone.
"""
