"""The story: what Syncline is for, told against a running stack."""
