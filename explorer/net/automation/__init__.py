"""Carries out sequences of steps, and records what is done by hand as steps. Imported only when somebody wants that."""
