"""The accounting API: /api.xro/2.0."""
