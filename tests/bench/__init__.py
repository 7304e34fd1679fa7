"""Measurements. Each module offers `rows() -> list[Row]`; `python3 build bench` runs them all."""
