"""Values shared by all layers: measurements, verdicts, facts about a run, and errors that end a command.

They import nothing else of the package.
"""
