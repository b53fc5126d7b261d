"""What happens without a caller: running modules, waking what waits."""
