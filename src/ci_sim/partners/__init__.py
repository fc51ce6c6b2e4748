"""Who takes part, as people have it in their files: read in whatever form, with an account of every reading."""
