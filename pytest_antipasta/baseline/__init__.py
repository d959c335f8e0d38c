"""What was over its limit when somebody said so: recorded numbers that don't fail while they get no worse.

``entries`` has the values, ``text`` the file's format, ``matching`` finds the entry of a violation,
``following`` where what was recorded has moved to, and ``update`` says what the file is to hold next.
"""
