"""What spans classes: start-up, placement, synchronisation with the daemons."""
