"""Manage images"""
