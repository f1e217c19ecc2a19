"""Manage networks"""
