"""Webhooks: signed notices of changes (developer.xero.com, webhooks)."""
