"""The docker command line as a language: words, flags, values, commands, help."""
