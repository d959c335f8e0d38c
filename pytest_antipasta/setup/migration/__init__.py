"""Migrate the settings of other tools, and of antipasta 1, to ours."""
