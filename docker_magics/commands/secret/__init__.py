"""Manage Swarm secrets"""
