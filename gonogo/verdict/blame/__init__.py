"""Who broke whom: clues in the evidence of what failed, and whom they point at."""
