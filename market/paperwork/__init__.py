"""Every form that an office fills in and files, as print and as workbook: owns no facts, only what they look
like on paper. One page for each market and one for the community lists them all."""
