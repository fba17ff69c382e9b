"""When: market days, their states and steps, what each still lacks, and the public calendar."""
