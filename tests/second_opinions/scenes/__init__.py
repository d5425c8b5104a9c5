"""What is asked of each service: one module each, with a `play` that says everything in order."""
