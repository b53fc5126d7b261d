"""The one HTTP face of Syncline: where a provider sends people back to, and its webhooks.

An ordinary client of the gRPC API. It keeps nothing, and shows no token, code or id.
"""
