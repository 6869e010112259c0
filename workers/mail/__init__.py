"""Mail: what each kind says and to whom (`kinds`), how it looks (`rendering`), how it leaves (`transport`).

What became of a mail is kept in `config.mail`. No secret of a mail is kept anywhere: it is made here, at sending.
"""
