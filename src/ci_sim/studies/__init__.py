"""Questions asked of many runs: the runner, the effects, and what the commands `run` and `compare` do."""
