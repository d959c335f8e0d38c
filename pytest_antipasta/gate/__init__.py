"""The commit gate: judge a commit, a push or a branch by its changes."""
