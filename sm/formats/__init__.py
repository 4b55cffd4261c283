"""Image formats, read and written without starting a program."""
