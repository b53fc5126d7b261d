"""The rules, pure: no I/O, no clock, no gRPC, no database, no plugin machinery."""
