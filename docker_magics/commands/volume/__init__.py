"""Manage volumes"""
