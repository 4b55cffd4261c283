"""`xe`: the thin-CLI protocol and its commands, derived from the datamodel."""
