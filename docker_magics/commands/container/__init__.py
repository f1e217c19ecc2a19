"""Manage containers"""
