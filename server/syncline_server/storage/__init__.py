"""Rows: the only place that knows there is a database."""
