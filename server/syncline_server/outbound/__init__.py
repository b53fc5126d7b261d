"""Calls to providers: within limits, repeated where safe, bounded in size and time."""
