"""From files and what is typed to a checked configuration, with the organizations that take part."""
