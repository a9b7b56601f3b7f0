"""What a page gathers from several domains, where no single domain could answer."""
