"""Pages for staff: thin views over the domains' queries and commands. Nobody imports this package."""
