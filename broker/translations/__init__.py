"""The languages of the pages: the French sentence is the message id, and the other languages are kept whole here."""
