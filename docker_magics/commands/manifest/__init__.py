"""Manage Docker image manifests and manifest lists"""
