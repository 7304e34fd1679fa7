"""Hosts the engine in a QThread and hands its events to the window. QtCore only."""
