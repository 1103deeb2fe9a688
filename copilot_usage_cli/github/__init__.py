"""One client of GitHub's API a run: address, token, requests, downloads, retries and what a status means."""
