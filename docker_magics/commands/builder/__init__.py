"""Manage builds"""
