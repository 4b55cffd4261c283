"""What each daemon offers, as typed interfaces; no behaviour."""
