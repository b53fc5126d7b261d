"""The one HTTP face of Syncline: the page a provider sends people back to.

An ordinary client of the gRPC API. It keeps nothing, and shows no token, code or id.
"""
