"""Manage Swarm stacks"""
