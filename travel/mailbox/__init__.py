"""mailbox: PreProd's mail catcher; it takes all mail over SMTP, delivers none, and shows it as Mailpit does."""
