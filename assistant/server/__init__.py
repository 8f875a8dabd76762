"""The web server: one FastAPI application with the Gradio page mounted, behind one gate."""
