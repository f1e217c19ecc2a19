"""Interactive widgets: the console and the dashboard."""
