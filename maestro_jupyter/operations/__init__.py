"""What an administrator does with a data folder: back it up, restore, migrate, prune and examine it."""
