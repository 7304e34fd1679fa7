"""The log of socket calls: written by the engine, read by every view. No Qt."""
