"""Changes on disk: one file or thousands at once, all or none, with undo, redo and recovery after a crash."""
