"""Secrets that give themselves away by their form, whatever key they stand under.

The forms are those that the issuers document (GitHub's and GitLab's token
prefixes, AWS's key ids, RFC 7519, RFC 7468, RFC 3986 user information) and
those of the public scanners' rule sets; lengths are a little below the
issuers', because a truncated token is still nobody else's business.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

PLACEHOLDER = "**REDACTED**"

_SHORT, _LONG = 6, 12
_EDGE = r"(?<![A-Za-z0-9])"
_ISSUED = (
    r"sk-(?=[A-Za-z0-9_-]{0,200}\d)[A-Za-z0-9_-]{6,}|sk-[A-Za-z0-9_-]{16,}",  # OpenAI, Anthropic
    r"(?:sk|rk|pk)_(?:live|test|prod)_[A-Za-z0-9]{8,}|whsec_[A-Za-z0-9+/=]{8,}",  # Stripe
    r"gh[pousr]_[A-Za-z0-9]{12,}|github_pat_[A-Za-z0-9_]{12,}",
    r"gl(?:pat|dt|rt|ptt|oas|cbt|ft|soat|imt|agent|wt)-[A-Za-z0-9_.=-]{12,}",
    r"xox[abceoprs]-[A-Za-z0-9-]{8,}|xapp-\d-[A-Za-z0-9-]{8,}",  # Slack
    r"(?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{12,}(?![a-z])",  # AWS
    r"AIza[A-Za-z0-9_-]{20,}|ya29\.[A-Za-z0-9_-]{10,}|GOCSPX-[A-Za-z0-9_-]{12,}"
    r"|1//0[A-Za-z0-9_-]{20,}",  # Google
    r"hf_[A-Za-z0-9]{12,}|api_org_[A-Za-z0-9]{20,}",  # Hugging Face
    r"npm_[A-Za-z0-9]{16,}|pypi-[A-Za-z0-9_-]{16,}|rubygems_[a-f0-9]{24,}",
    r"SG\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}|key-[0-9a-f]{32}",  # SendGrid, Mailgun
    r"xkeysib-[A-Za-z0-9-]{16,}|re_[A-Za-z0-9]{6,}_[A-Za-z0-9]{12,}",  # Brevo, Resend
    r"do[opr]_v1_[a-f0-9]{24,}|dapi[a-f0-9]{32}|dckr_pat_[A-Za-z0-9_-]{12,}",
    r"shp(?:at|ca|pa|ss)_[A-Fa-f0-9]{16,}|sq0[a-z]{3}-[A-Za-z0-9_-]{16,}",
    r"(?:gsk_|xai-|pplx-|nvapi-|tvly-|r8_|csk-|fw_|jina_)(?=[A-Za-z0-9_-]{0,200}\d)[A-Za-z0-9_-]{16,}",
    r"(?:lin_api_|figd_|ntn_|secret_|pul-|sntry[su]_|glsa_|PMAK-|phc_|phx_|ATATT3|ATCTT3)"
    r"(?=[A-Za-z0-9_=+/-]{0,200}\d)[A-Za-z0-9_=+/-]{16,}",
    r"hv[sbr]\.[A-Za-z0-9_-]{16,}|ops_eyJ[A-Za-z0-9_-]{16,}|EAA[A-Za-z0-9]{40,}",
    r"AGE-SECRET-KEY-1[0-9A-Z]{20,}|SK[0-9a-f]{32}|(?:bot)?\d{8,10}:AA[A-Za-z0-9_-]{30,}",
    r"ARF-KEY-1\.[A-Za-z0-9_-]{16,}(?:\.[a-z0-9]*)?",  # ours
    # Of language models, of hosts and tools for developers, of other services
    r"(?:tgp_v1|pcsk|lsv2_pt|lsv2_sk|hf_oauth|wandb_v1|sb_secret|pscale_[a-z]{2,5}|fm[12]|glc|CCIPAT)_"
    r"(?=[A-Za-z0-9_=+/-]{0,200}\d)[A-Za-z0-9_=+/-]{24,}",
    r"(?:esecret_|e2b_|dtn_|sbp_|vc[aikpr]_|nfp_|rnd_|napi_|fo1_|apify_api_|bb_(?:live|test)_|dckr_oat_"
    r"|bkua_|sgp_|tfp_|pnu_|rdme_|polar_oat_|gt[ao]_|shippo_(?:live|test)_|sess-|NRAK-|AQ\.Ab8|ATBB|AKCp"
    r"|LTAI|AKID|EZ[AT]K|GR1348941)(?=[A-Za-z0-9]{0,200}\d)[A-Za-z0-9]{16,}",
    r"(?:HRKU-AA|tskey-[a-z]{2,12}-|CFPAT-|AQVN|IGQV|mfa\.|sl\.u\.|sha256~|y[0-3]_Ag|duffel_live_)"
    r"(?=[A-Za-z0-9_=-]{0,200}\d)[A-Za-z0-9_=-]{24,}",
    r"sk_[0-9a-f]{40,}|fc-[0-9a-f]{32}|[0-9a-f]{32}-us\d{1,2}|\d/\d{15,17}:[0-9a-f]{32}"
    r"|[0-9a-f]{32}\.(?=[A-Za-z]{0,15}\d)[A-Za-z0-9]{16}(?![A-Za-z0-9])"
    r"|pa-(?=[a-z0-9_-]{0,60}[A-Z])(?=[A-Za-z_-]{0,60}\d)[A-Za-z0-9_-]{40,}",
    r"dp\.[a-z]{2,5}\.(?:[a-z0-9_-]{2,35}\.)?[A-Za-z0-9]{40,}|dt0[a-z]\d{2}\.[A-Z0-9]{24}\.[A-Z0-9]{48,}"
    r"|[A-Za-z0-9]{14}\.atlasv1\.[A-Za-z0-9_-]{40,}|[A-Za-z0-9]{76}AZDO[A-Za-z0-9]{4}"
    r"|[A-Za-z0-9_~.-]{3}[78]Q~[A-Za-z0-9_~.-]{31,34}|sk\.eyJ[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{16,}",
    r"(?:pat-[a-z]{2}\d|access-(?:sandbox|development|production))-[0-9a-f]{8}-[0-9a-f-]{27}"
    r"|access_token\$[a-z]+\$[0-9a-z]{16}\$[0-9a-f]{32}|pat[A-Za-z0-9]{14}\.[0-9a-f]{64}"
    r"|[0-9a-z]{10}msh[0-9a-z]{15}p1[0-9a-z]{5,8}jsn[0-9a-z]{8,}",
    r"[MNO][A-Za-z0-9_-]{22,27}\.[A-Za-z0-9_-]{6}\.[A-Za-z0-9_-]{27,}",  # Discord
    r"eyJ[A-Za-z0-9_-]{5,}\.[A-Za-z0-9_-]{5,}(?:\.[A-Za-z0-9_-]*){1,3}",  # JWT and JWE
    r"https://hooks\.slack\.com/(?:services|workflows)/[A-Za-z0-9/]{8,}"
    r"|https://(?:\w+\.)?discord(?:app)?\.com/api/webhooks/\d+/[A-Za-z0-9_-]{8,}"
    r"|https://[\w.-]+\.webhook\.office\.com/\S{16,}"
    r"|https://hooks\.zapier\.com/hooks/catch/\d+/\w+|https://hook\.[\w.]{0,16}make\.com/\w{16,}"
    r"|https://maker\.ifttt\.com/trigger/[\w-]{1,64}/(?:json/)?with/key/[\w-]{16,}"
    r"|https://open\.(?:larksuite|feishu)\.\w+/open-apis/bot/v2/hook/[0-9a-f-]{36}",
)
_PEM = (
    r"-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-----"
    r"(?:[\s\S]*?-----END [A-Z0-9 ]*-----|[\s\S]*)|PuTTY-User-Key-File-\d[\s\S]*"
)
# A reference names a secret that is kept elsewhere: ${NAME}, {{ name }}, <name>, %(name)s.
_REFERENCE = (
    r"\$\{[A-Z_][A-Z0-9_]*(?::?-|:?\?[a-zA-Z ]{0,64})?\}|\$?\{\{?\s*[A-Za-z_][\w.]*\s*\}?\}"
    r"|<[a-z][a-z0-9 _-]*>|%\([a-z_]+\)s|\*{3,}"
)
_USER_INFO = (
    rf"[A-Za-z][A-Za-z0-9+.-]{{0,30}}://(?![^\s/:]{{0,256}}:(?:{_REFERENCE}|{re.escape(PLACEHOLDER)})@)"
    r"(?:[^\s:/?#@\"']{0,256}:(?!\d{1,5}/)[^\s@\"']{1,256}@|(?=[^\s:/?#@]{0,256}\d)[A-Za-z0-9_-]{20,256}@"
    r"|(?=[A-Za-z0-9]{0,19}\d[A-Za-z])[A-Za-z0-9]{12,19}@)[^\s\"']*"
)
_HEADER = (
    r"(?i:bearer|basic|token|apikey)[ \t]+"
    r"(?=[A-Za-z0-9._~+/=-]*[\d_~+/=]|[A-Za-z]{20,})(?=[A-Za-z0-9._~+/=-]{8})[A-Za-z0-9._~+/=-]+"
)
_FORM = re.compile(
    rf"(?P<pem>{_PEM})|(?P<url>{_EDGE}{_USER_INFO})|{_EDGE}(?P<issued>{'|'.join(_ISSUED)})"
    rf"|{_EDGE}(?P<header>{_HEADER})"
)
# What a command line or a netrc file gives a password as, without a word that says so beside it.
_HANDED_OVER = re.compile(
    r"\bcurl\b[^\n|;]{0,200}?[ \t](?:-u|-U|--user|--proxy-user)[ \t=]*[\"']?[^\s:\"'$]{1,64}:"
    r"(?P<curl>(?!\$)[^\s\"']{1,256})"
    r"|\b(?:mysql\w{0,16}|mariadb[\w-]{0,16})\b[^\n|;]{0,200}?[ \t]"
    r"-p(?P<mysql>(?!\$)[^\s\"'|;]{1,256})"
    r"|\bjdbc:oracle:\w{1,16}:[^\s/:@]{1,64}/(?P<oracle>(?!\$)[^\s@\"']{1,256})@"
    r"|\bsshpass[ \t]+-p[ \t]*[\"']?(?P<ssh>(?!\$)[^\s\"']{1,256})"
    r"|\b(?:machine\s{1,16}\S{1,256}|default)\s{1,16}login\s{1,16}\S{1,256}\s{1,16}"
    r"(?:account\s{1,16}\S{1,256}\s{1,16})?password\s{1,16}(?P<netrc>[^\s\"']{1,256})"
    r"|\bmachine\s{1,16}\S{1,256}\s{1,16}password\s{1,16}(?P<first>\S{1,256})\s{1,16}login\b"
)
_WHOLE_HEADER = re.compile(rf"\s*(?i:bearer)\s+(?!(?:{_REFERENCE})\s*\Z)\S+\s*")
_ONLY_REFERENCE = re.compile(rf"\s*(?:(?i:bearer|basic|token)\s+)?(?:{_REFERENCE})\s*")

# `name=value`, `name: value`, `"name": "value"`: the name and what stands between.
# Also `'name' => "value"`, `x["name"] = "value"`, `\"name\": \"value\"`, `${NAME:-value}`, and
# YAML's `name: |` with the value below.
ASSIGNMENT = re.compile(
    r"(?<![\w.-])-{0,2}(?P<name>[^\W\d][\w.-]{0,63})(?:\\?[\"'])?\]?"
    r"(?P<sep>[ \t]*=(?!=)>?[ \t]*|[ \t]*:[ \t]+(?:[|>][0-9+-]{0,2}[ \t]*\n[ \t]*)?"
    r"|(?<=[\"']):|(?<=\w):-(?!\})|:(?=[\w\"']))(?:\\(?=[\"']))?"
)
# `--name value`, `"--name", "value"`
FLAG = re.compile(
    r"(?<![\w-])--?(?P<name>[A-Za-z][\w-]{0,63})(?P<sep>[ \t]+|[\"']?,[ \t]{0,16})(?![ \t]*[\"']?-)"
)
# The value behind it; its length is bounded, or a hostile text would cost its square.
VALUE = re.compile(
    r"\"(?:[^\"\\\n]|\\.){0,160}\"?|'[^'\n]{0,160}'?|[^\s&;,\"'|<>#][^\s&;,\"'|<>]{0,160}"
)
MORE = re.compile(r"[^\s&;,\"'|<>]*")


class Found(NamedTuple):
    """A secret inside a text, from ``start`` up to, not including, ``end``."""

    start: int
    end: int


def issued_forms(text: str) -> Iterator[Found]:
    """Find the spans of ``text`` that have the form of an issued secret."""
    for match in _FORM.finditer(text):
        yield Found(*match.span())


def handed_over(text: str) -> Iterator[Found]:
    """Find the passwords in ``curl -u me:password``, ``mysql -ppassword`` and netrc text."""
    for match in _HANDED_OVER.finditer(text):
        if match.lastgroup is not None:
            found = Found(*match.span(match.lastgroup))
            if PLACEHOLDER not in text[found.start : found.end]:
                yield found


def issued_only(text: str) -> Iterator[Found]:
    """Find what is a secret even in the raw text of a file, headers such as ``Bearer x`` left out.

    Across the quotes and tags of YAML a header's two words can meet by chance.
    """
    for match in _FORM.finditer(text):
        if match.lastgroup != "header":
            yield Found(*match.span())


def is_reference(text: str) -> bool:
    """Tell whether a text is only the name of a secret kept elsewhere, such as ``${API_KEY}``."""
    return bool(_ONLY_REFERENCE.fullmatch(text))


def has_form(text: str) -> bool:
    """Tell whether a secret stands in ``text`` that is known by its own form alone."""
    return bool(_FORM.search(text) or _WHOLE_HEADER.fullmatch(text))


_ALGORITHM = re.compile(
    r"(?i:(?:hmac|rfc|sha|shake|md|utf|iso|http|oauth|pbkdf|argon|aes|rsa|base|ed|secp|blake|x)-?\d)"
)


def looks_chosen(text: str) -> bool:
    """Tell what may be a password a person chose or a program made: no word, no name, no date."""
    if "://" in text or "/" in text or "@" in text or _ALGORITHM.match(text):
        return False
    parts = re.split(r"[-_.:+=]", text)
    mixed = any(
        len(part) >= _SHORT and re.search(r"\d", part) and re.search(r"[A-Za-z]", part)
        for part in parts
    )
    return mixed or (looks_opaque(text) and len(max(parts, key=len)) >= _LONG)


def looks_opaque(text: str, *, minimum: int = 16) -> bool:
    """Tell a generated value: one word of letters and digits mixed, which no person chose."""
    return (
        len(text) >= minimum
        and re.fullmatch(r"[A-Za-z0-9+/=_.:%-]+", text) is not None
        and re.search(r"\d", text) is not None
        and re.search(r"[A-Za-z]", text) is not None
    )
