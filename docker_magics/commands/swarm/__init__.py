"""Manage Swarm"""
