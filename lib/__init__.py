"""The toolkit itself: datasets, captions, providers. Works without Streamlit, `cache.py` excepted."""
