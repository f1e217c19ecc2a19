"""Manage the objects that this notebook creates"""
