"""Stores, baselines and memos that earlier versions have written, and how they were made."""
