"""The routes, one module per resource. They translate between HTTP and the use cases."""
