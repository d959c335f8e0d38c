"""What is checked of our own prose: words, docstrings, sentences. ``python -m checks`` prints what is wrong.

It is a hook of pre-commit and no test, as no user sees a difference.
"""
