"""Signing in: consent, tokens, connections' other half."""
