"""Logs: records of what a run does, for a log file or a trace, if requested."""
