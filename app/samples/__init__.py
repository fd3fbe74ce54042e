"""What several pages do with samples: choose a scope, edit a caption, walk, show a gallery or a table."""
