"""Running an installation: database, processes, backup, checks. Knows nothing of complaints."""
