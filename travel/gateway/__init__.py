"""gateway: the public origin; it serves web, routes /api/… to the services and keeps the sessions."""
