"""What one organisation's books hold."""
