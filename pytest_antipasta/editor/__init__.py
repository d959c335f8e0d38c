"""A language server for editors: buffers are judged like files, with hovers and code actions."""
