"""What the questions share in numbers: designs, measures, effects and their intervals."""
