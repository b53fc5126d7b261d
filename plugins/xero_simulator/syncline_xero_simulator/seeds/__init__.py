"""Believable demo data, the same for the same seed."""
