"""How many runs are done, kept, resumed and checked."""
