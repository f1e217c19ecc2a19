"""Manage what this notebook makes"""
