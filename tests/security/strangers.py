"""What strangers send: hostile values, and ways to make one thing wrong with a valid request."""

import json
from base64 import urlsafe_b64encode
from collections.abc import Callable
from dataclasses import replace
from urllib.parse import quote_from_bytes

from hypothesis import strategies as st

from tests.security.wire import Pair, Raw, Wire

BODY_LIMIT = 64 * 1024
MARKUP = b"<x-injected>'\"><img src=x onerror=injected()>"
SPLIT = b"x\r\nX-Injected: yes\r\nSet-Cookie: injected=yes\r\n\r\n<x-injected>"


def nested(depth: int) -> bytes:
    """A `claims` parameter of that many levels."""
    return b'{"id_token":' + b'{"a":' * depth + b"1" + b"}" * (depth + 1)


TEXTS = [
    b"", b" ", b"\x00", b"a\x00b", b"\r\n", b"\n", b"\x1b[2J", b"\x7f", b"%", b"%00", b"%0d%0a", b"'\"<>&`", MARKUP,
    SPLIT, b"' OR 1=1 --", b"../../etc/passwd", b"//evil.example/", b"http://evil.example/", b"javascript:alert(1)",
    b"{{7*7}}", b"${7*7}", b"-1", b"0", b"999999999", b"9999999999", b"9" * 400, b"1e999", b"NaN", b"Infinity",
    b"true", b"null", b"[]", b"none", b"code token", b"none login", b"openid openid", b"account:",
    b"urn:ietf:params:oauth:request_uri:",
]  # fmt: skip
NOT_UTF8 = [
    b"\xff\xfe", b"\xc0\x80", b"\xc0\xaf", b"\xe0\x80\xaf", b"\xf0\x80\x80\xaf", b"\xed\xa0\x80",
    b"\xed\xb0\x80\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\xe9", b"a\xcc", b"\x80" * 50,
]  # fmt: skip
ODD = [
    "é" * 300,
    "\u202egnp.exe",
    "\u2066a\u2069",
    "\ufeff",
    "\u2028",
    "\U0010ffff",
    "\ufffe",
    "ı",
    "\u0430pple",
    "👩‍👩‍👧",
]
RAW = [
    Raw(text)
    for text in (b"%", b"%zz", b"%u0041", b"%c3%28", b"%C0%80", b"a%", b"%%30%30", b"+", b"=", b"a=b", b";", b"\xe9")
]
JSONS = [
    b"{}", b"[1]", b'"x"', b"1", b"{", b'{"id_token":1}', b'{"id_token":{"sub":1}}',
    b'{"id_token":{"acr":{"values":"x"}}}', b'{"id_token":{"sub":{"value":"\\u0000"}}}',
    b'{"userinfo":{"\\ud800":null}}', b'{"id_token":{"\\u0000":null}}', b'{"id_token":{"a":{"value":NaN}}}',
    b'{"id_token":{"a":{"value":1e999}}}', b'{"id_token":{"acr":{"values":[{}]}}}',
    b'{"id_token":{"sub":{"value":{"a":[]}}}}', b'{"userinfo":{"a":{"value":' + b"9" * 4000 + b"}}}",
    b'{"id_token":{"acr":{"essential":true,"value":[]}}}', b'{"id_token":null,"id_token":{"a":null}}', b"[" * 4000,
    nested(100), nested(900), nested(930), nested(960), nested(990), nested(1500),
]  # fmt: skip
LONG = [b"x" * 129, b"x" * 2049, b"x" * 9000, b"\xc3\xa9" * 5000, b" " * 5000, b"a " * 3000]

values: st.SearchStrategy[bytes] = (
    st.sampled_from([*TEXTS, *NOT_UTF8, *RAW, *JSONS, *LONG])
    | st.sampled_from([text.encode() for text in ODD])
    | st.binary(max_size=40)
    | st.text(max_size=40).map(lambda text: text.encode("utf-8", "surrogatepass"))
)
"""Any bytes, the known traps before the others."""

KNOWN = b"""
client_id redirect_uri state response_type response_mode scope prompt max_age claims id_token_hint login_hint
ui_locales acr_values request request_uri dpop_jkt nonce r lang next p code grant_type client_secret
client_assertion client_assertion_type token _pushed access_token code_verifier csrf_token
post_logout_redirect_uri _answered username email
""".split()
HEADERS = b"""
Host X-Forwarded-Host X-Forwarded-For X-Forwarded-Proto X-Forwarded-Prefix Forwarded Accept-Language Accept
User-Agent Referer Origin Range If-None-Match If-Modified-Since Authorization DPoP Cookie Content-Type
X-HTTP-Method-Override X-Original-URL X-Rewrite-Url
""".split()
AUTHORIZATIONS = [
    b"Basic", b"Basic ", b"Basic  ", b"Basic !!!!", b"Basic =", b"Basic YQ==", b"Basic Og==", b"Basic /////w==",
    b"Basic \xe9\xe9", b"Basic YTpi,Basic YTpi", b"Basic JWZmJWZlOiVmZg==", b"Basic YTpiAGM=", b"basic YTpi",
    b"Basic " + b"A" * 20000, b"Bearer", b"Bearer ", b"Bearer \xff\xfe", b"Bearer a b", b"Bearer a.b.c",
    b"Bearer " + b"." * 500, b"DPoP x", b"Digest x", b"\xe9", b"Bearer eyJhbGciOiJub25lIn0.e30.",
]  # fmt: skip
SHAPES = [
    "multipart", "chunked", "unlengthed", "json", "text/plain", "multipart/form-data",
    "multipart/form-data; boundary=", "application/x-www-form-urlencoded; charset=utf-7",
    "application/x-www-form-urlencoded; charset=\xff", "\xff/\xfe", "",
]  # fmt: skip
METHODS = ["GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "HEAD", "TRACE", "BREW"]


@st.composite
def wrongs(draw: st.DrawFn) -> Callable[[Wire], Wire]:
    """One thing that is wrong with a request."""
    kind = draw(
        st.sampled_from(
            [_value] * 6 + [_repeated, _added, _removed, _bent, _header, _cookie, _path, _shape, _method, _big]
        )
    )
    return kind(draw)


def _part(draw: st.DrawFn) -> Callable[[Wire], str]:
    second = draw(st.booleans())
    return lambda wire: "form" if wire.form and (second or not wire.query) else "query"


def _chosen(draw: st.DrawFn) -> Callable[[tuple[Pair, ...]], int]:
    number = draw(st.integers(0, 30))
    return lambda pairs: number % len(pairs) if pairs else 0


def _value(draw: st.DrawFn) -> Callable[[Wire], Wire]:
    part, index, value = _part(draw), _chosen(draw), draw(values)

    def change(wire: Wire) -> Wire:
        pairs = getattr(wire, part(wire))
        at = index(pairs)
        changed = (*pairs[:at], (pairs[at][0] if pairs else b"r", value), *pairs[at + 1 :])
        return wire.put(part(wire), changed)

    return change


def _repeated(draw: st.DrawFn) -> Callable[[Wire], Wire]:
    part, index, value, same = _part(draw), _chosen(draw), draw(values), draw(st.booleans())

    def change(wire: Wire) -> Wire:
        pairs = getattr(wire, part(wire)) or ((b"r", b"r"),)
        name, first = pairs[index(pairs)]
        return wire.put(part(wire), (*pairs, (name, first if same else value)))

    return change


def _added(draw: st.DrawFn) -> Callable[[Wire], Wire]:
    part, name, value = _part(draw), draw(st.sampled_from(KNOWN) | values), draw(values)
    return lambda wire: wire.put(part(wire), (*getattr(wire, part(wire)), (name, value)))


def _removed(draw: st.DrawFn) -> Callable[[Wire], Wire]:
    part, index = _part(draw), _chosen(draw)

    def change(wire: Wire) -> Wire:
        pairs = getattr(wire, part(wire))
        at = index(pairs)
        return wire.put(part(wire), (*pairs[:at], *pairs[at + 1 :]))

    return change


def _bent(draw: st.DrawFn) -> Callable[[Wire], Wire]:
    """A valid value with one byte more, less, or other."""
    part, index, how = _part(draw), _chosen(draw), draw(st.sampled_from(["cut", "more", "other", "case", "space"]))
    at, byte = draw(st.integers(0, 60)), bytes([draw(st.integers(0, 255))])

    def bend(value: bytes) -> bytes:
        where = at % (len(value) + 1)
        bent = {"cut": value[:where], "more": value + byte, "case": value.swapcase(), "space": b" " + value}
        return bent.get(how, value[:where] + byte + value[where + 1 :])

    def change(wire: Wire) -> Wire:
        pairs = getattr(wire, part(wire)) or ((b"r", b"r"),)
        here = index(pairs)
        return wire.put(part(wire), (*pairs[:here], (pairs[here][0], bend(pairs[here][1])), *pairs[here + 1 :]))

    return change


def _in_a_header(value: bytes) -> bytes:
    """A header's line ends at its line's end: what comes after would be a header of the stranger's own."""
    return value.replace(b"\r", b"").replace(b"\n", b"")


def _header(draw: st.DrawFn) -> Callable[[Wire], Wire]:
    name, twice = draw(st.sampled_from(HEADERS)), draw(st.booleans())
    strange = st.sampled_from(AUTHORIZATIONS) if name == b"Authorization" else values
    header = (name, _in_a_header(draw(strange)))

    def change(wire: Wire) -> Wire:
        kept = tuple(pair for pair in wire.headers if twice or pair[0] != name)
        return wire.put("headers", (*kept, header))

    return change


def _cookie(draw: st.DrawFn) -> Callable[[Wire], Wire]:
    index, value, name = (
        _chosen(draw),
        _in_a_header(draw(values)),
        draw(st.sampled_from([b"trousseau_lang", b"trousseau_session", b"a"])),
    )

    def change(wire: Wire) -> Wire:
        at = index(wire.cookies)
        own = wire.cookies[at][0] if wire.cookies else name
        return wire.put("cookies", (*wire.cookies[:at], (own, value), *wire.cookies[at + 1 :]))

    return change


def _path(draw: st.DrawFn) -> Callable[[Wire], Wire]:
    number, value, replaced = draw(st.integers(1, 8)), draw(values), draw(st.booleans())
    text = quote_from_bytes(value, safe="")

    def change(wire: Wire) -> Wire:
        parts = wire.path.split("/")
        at = number % len(parts)
        parts[at] = text if replaced else parts[at] + text
        return replace(wire, path="/" + "/".join(parts).lstrip("/"))

    return change


def _shape(draw: st.DrawFn) -> Callable[[Wire], Wire]:
    shape = draw(st.sampled_from(SHAPES))
    return lambda wire: replace(wire, shape=shape)


def _method(draw: st.DrawFn) -> Callable[[Wire], Wire]:
    method = draw(st.sampled_from(METHODS))
    return lambda wire: replace(wire, method=method)


def _big(draw: st.DrawFn) -> Callable[[Wire], Wire]:
    """A body just below, at and beyond the limit; of one value, or of very many."""
    size, many = BODY_LIMIT + draw(st.integers(-300, 300)), draw(st.booleans())
    more = tuple((b"x%d" % at, b"") for at in range(size // 8)) if many else ((b"x", b"x" * size),)
    return lambda wire: replace(wire, method="POST", form=(*wire.form, *more))


def forged(header: object, payload: object) -> bytes:
    """A compact JWS of anything, not signed by anybody. Bytes are taken as they are, other things as JSON."""
    parts = [part if isinstance(part, bytes) else json.dumps(part).encode() for part in (header, payload)]
    return b".".join([*(urlsafe_b64encode(part).rstrip(b"=") for part in parts), b"c2ln"])


NO_TOKENS = [
    b"..", b"a.b.c", b"....", b"W10.e30.x", b"NQ.e30.x", b"bnVsbA.bnVsbA.", b"e30.W10.x", b"\xff.\xff.\xff",
    "é.é.é".encode(), b"x" * 9000, b"." * 5000, forged(b"[" * 3000, {}), forged(b'{"a":' * 1500, {}),
    forged(b'{"alg":1e999}', {}), forged({"alg": "ES256"}, [1]), forged({"alg": "ES256"}, b"[" * 2500),
    forged({"alg": "none"}, {}), forged({"alg": "HS256", "kid": "../../dev/null"}, {}),
    forged({"alg": "ES256", "b64": False, "crit": ["b64"]}, b"\x00"),
    forged({"alg": "ES256", "zip": "DEF"}, b"\x00" * 500), forged(b'{"alg":"ES256","jwk":[]}', {}),
    forged({"alg": "ES256", "typ": "dpop+jwt", "jwk": "x"}, {}), forged(b'{"alg":' + b"9" * 5000 + b"}", {}),
]  # fmt: skip
