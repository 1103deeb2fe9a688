"""The command line: what people type, what is printed, and where files are. The room that prints."""
