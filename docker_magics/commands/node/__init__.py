"""Manage Swarm nodes"""
