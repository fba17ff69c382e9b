"""The Chinese font of every paper we print, its licence, and the script that made both."""
