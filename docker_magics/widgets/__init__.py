"""What a person would rather see and click than read: console and dashboard."""
