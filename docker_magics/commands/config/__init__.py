"""Manage Swarm configs"""
