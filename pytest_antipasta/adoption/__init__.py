"""What settings a code base could begin with: its folders, and what its numbers are today."""
