"""Many visitors at once, by Streamlit's own protocol: `make soak`, or `python -m tests.soak --help`."""
