"""What comes of a run: statistics, warnings, figures, and its report."""
