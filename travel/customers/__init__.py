"""customers: accounts and sign-in."""
