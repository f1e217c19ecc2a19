"""Manage contexts"""
