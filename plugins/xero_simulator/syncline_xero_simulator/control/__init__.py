"""The control API under /simulator: what people do in Xero, and what tests order."""
