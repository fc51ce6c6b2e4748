"""What if: questions about one's own partners, asked in a file or typed, and answered on the same luck."""
