"""Manage checkpoints"""
