"""What each journey asks of an owner: pages seen, fields typed, decisions taken, mails received."""
