"""Where daily records come from: one file or folder for each generation of GitHub's API, or saved files."""
