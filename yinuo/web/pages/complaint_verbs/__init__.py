"""What may be done to a complaint: the verbs by subject, each a line of a table."""
