"""Manage plugins"""
