"""A running VM on its way from one host to another: the two ends and what they say to each other."""
