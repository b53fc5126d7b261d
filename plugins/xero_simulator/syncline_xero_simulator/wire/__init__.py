"""How values look on the wire: JSON, dates, envelopes."""
