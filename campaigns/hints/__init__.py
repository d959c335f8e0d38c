"""Plans for functions of real code: whether they hold what they say, and how many reach the limits."""
