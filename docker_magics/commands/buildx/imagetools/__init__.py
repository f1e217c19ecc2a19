"""Commands to work on images in registry"""
