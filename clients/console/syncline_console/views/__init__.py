"""Pages, one noun per file: what is asked of the API, and which template shows it."""
