"""Child processes: start and end them, limit their time and memory, and handle signals."""
