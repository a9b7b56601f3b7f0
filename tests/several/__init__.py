"""Several machines on one: two of every process, a load balancer, a connection pool, a standby that takes over (docs/scaling.md)."""
