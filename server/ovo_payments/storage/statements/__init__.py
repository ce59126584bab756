"""The SQL that every database understands, by noun.

Parameters are written `:name`; a driver that writes them otherwise rewrites that alone. What
databases say differently (claiming what is due, locking) stands in each one's folder.
"""
