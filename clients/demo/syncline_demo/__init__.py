"""A local Syncline with its Xero simulator: started together, and shown at work in a terminal."""
