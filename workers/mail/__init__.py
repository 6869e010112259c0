"""Mail: what each kind says and to whom (`kinds`), how long it is of use (`usefulness`), how it looks (`rendering`),
how it leaves (`relay`, `transport`) and what a server's answer means (`replies`).

What became of a mail is kept in `config.mail`. No secret of a mail is kept anywhere: it is made here, at sending.
"""
