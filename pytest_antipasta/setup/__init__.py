"""Set up a project: propose settings, migrate those of other tools, install git hooks."""
