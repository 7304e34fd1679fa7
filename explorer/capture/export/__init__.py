"""Exporters: one file each, registered in `registry`."""
