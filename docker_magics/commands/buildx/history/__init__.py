"""Commands to work on build records"""
