"""Who somebody is: passwords, sessions, the pool's secret."""
