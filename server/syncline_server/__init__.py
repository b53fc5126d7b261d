"""The Syncline server. Start at ``app.py``: it is the only place that constructs and wires."""
