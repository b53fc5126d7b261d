"""What keeps a local stack from running."""


class StackError(Exception):
    """The stack cannot start or go on; the message says why and what to do."""
