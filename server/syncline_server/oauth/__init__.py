"""Getting, keeping and giving back access to a provider."""
