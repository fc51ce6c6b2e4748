"""The weekly cycle's ten mechanisms, one module each, in the order in which they act."""
