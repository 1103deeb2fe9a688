"""Today's generation of GitHub's API: reports, whose answers are links to files."""
