"""The vocabulary everything shares: endpoints, specs, calls, states, failures. No I/O, no Qt."""
