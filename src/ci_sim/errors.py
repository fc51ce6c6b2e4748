"""Errors whose text is written for the person who typed the command."""


class UserError(Exception):
    """Something the user gave is wrong: one line that names it and says what is allowed."""
