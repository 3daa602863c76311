"""The command line: one command a file; each only parses, calls and prints."""
