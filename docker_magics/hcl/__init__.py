"""HCL, the language of docker-bake.hcl, without I/O: parser, expressions, functions."""
