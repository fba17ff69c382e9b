"""How the fund's money is used: from a need to the vouchers, each step with who took it and when."""
