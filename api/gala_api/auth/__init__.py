"""Who asks: how an identity is told from a request, and what each route demands of it."""
