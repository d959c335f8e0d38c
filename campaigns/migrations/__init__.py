"""Projects with settings of other tools: after ``config migrate``, ``check`` reports the same functions."""
