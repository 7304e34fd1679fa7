"""What the bytes at the cursor may mean: numbers, characters, times and addresses."""
