"""What ends the story early."""


class StoryError(Exception):
    """Something is not as the story needs it; the message says what, and what to do."""
