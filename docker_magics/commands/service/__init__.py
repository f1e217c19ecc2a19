"""Manage Swarm services"""
