"""Reports: verdicts and histories as text and files; formats and explanations are in subpackages."""
