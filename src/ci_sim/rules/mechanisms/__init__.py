"""The weekly cycle's eight mechanisms, one module each, in the order in which they act."""
