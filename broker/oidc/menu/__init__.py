"""The menu of an owner's accounts that an extranet draws in its own pages, and the switch to one of them."""
