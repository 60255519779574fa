"""Work is never lost: snapshots of every home, taken by a keeper, and put back."""
