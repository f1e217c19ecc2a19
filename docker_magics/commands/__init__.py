"""The docker commands: one folder an object, one file a verb, named as `docker help` prints it."""
