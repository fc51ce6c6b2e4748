"""The weekly cycle's seven mechanisms, one module each, in the order in which they act."""
