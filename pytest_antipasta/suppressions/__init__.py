"""Comments that tolerate numbers over their limits: found, read and applied."""
