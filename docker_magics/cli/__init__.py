"""The docker command line: word splitting, flags, commands, help, completion."""
