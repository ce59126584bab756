"""Keeps everything: one folder for each database, and what all databases share."""
