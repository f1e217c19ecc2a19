"""Build with BuildKit"""
