"""`docker-magics class`: what a teacher needs of the learners' progress files."""
