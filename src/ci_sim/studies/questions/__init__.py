"""What can be asked of the model, one question a module."""
