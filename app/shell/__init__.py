"""The frame round the pages: start screen, sidebar, login, jobs."""
