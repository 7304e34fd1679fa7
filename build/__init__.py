"""The project's own tools: `python3 build run | test | bench | package | screenshots`."""
