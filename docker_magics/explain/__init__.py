"""What a docker command line says, word by word, in plain words; nothing is run.

The sentences stand in `en.json` and `ko.json`.
"""
