"""Models: plain stores adapted to Qt item views."""
