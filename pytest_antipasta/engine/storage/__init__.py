"""Storage: stored facts about contents and files, from earlier runs and from this one."""
