"""Complaints 投诉: from registration to a close with every promise kept."""
