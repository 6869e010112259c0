"""Kind `ldap`: the syndic's directory. `ber` and `messages` are the protocol, `wire` the connection, `connector` the
contract. Only the four requests that the contract needs are spoken (docs/decisions/0031)."""
