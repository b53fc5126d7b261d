"""The gRPC edge: parse, call a service, render; one table from errors to status."""
