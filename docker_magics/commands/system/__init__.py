"""Manage Docker"""
