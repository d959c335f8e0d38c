"""HTML pages of a check and of a history, which open from disk: data, scripts and libraries are inline."""
