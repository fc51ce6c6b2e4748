"""Pictures for people who do not read the code."""
