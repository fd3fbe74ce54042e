"""The bytes of tag files: decoded, compared by hash, locked, replaced whole."""
