"""The rules: what a modeller reads and changes; the parameters, the state, the beliefs, the mechanisms and the weekly cycle."""
