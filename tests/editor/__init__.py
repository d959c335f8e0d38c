"""The language server, asked by a real client over a pipe."""
