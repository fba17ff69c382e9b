"""The paper twin of a market: every list to print before it, as one PDF, one workbook, or single tables."""
