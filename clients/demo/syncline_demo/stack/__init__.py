"""The local stack: simulator, server and console as child processes."""
