"""From daily records to a report: pure arithmetic, and the rules that keep it honest."""
