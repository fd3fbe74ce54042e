"""A login service on loopback: OpenID Connect as far as Streamlit uses it, with the claims that a test sets.

In a test:

    with OpenIdProvider() as provider:
        provider.claims["ada"] = {"sub": "1", "email": "ada@example.org", "email_verified": True}
        ...open the dashboard with provider.secrets(...), press Log in, choose ada...

Whoever is sent to it chooses an account by a link of its name. What it says of itself, and its keys, are made by it;
tokens are signed with RS256, as Google's and Microsoft's are.
"""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import time
from html import escape
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import RSAKey

from tests.doubles.loopback import Handler, Loopback

CLIENT_ID = "toolkit"
CLIENT_SECRET = "canary-client-secret"

_KEY = RSAKey.generate_key(2048, {"kid": "one", "use": "sig", "alg": "RS256"}, private=True)


class OpenIdProvider(Loopback):
    """Its accounts by name, each with the claims that its tokens make."""

    def __init__(self) -> None:
        super().__init__(_Handler)
        self.claims: dict[str, dict[str, Any]] = {}
        self.issued_at: float | None = None
        """The provider's clock, None for the right time."""
        self.logged_out = 0
        """How often somebody was sent to its log out."""
        self._codes: dict[str, tuple[str, dict[str, str]]] = {}

    def person(self, name: str, **claims: Any) -> str:
        """An account with a verified e-mail, unless the claims say otherwise; None takes one away. Gives its e-mail."""
        told = {"sub": f"id-of-{name}", "email": f"{name}@example.org", "email_verified": True} | claims
        self.claims[name] = {claim: value for claim, value in told.items() if value is not None}
        return str(self.claims[name].get("email", ""))

    def secrets(self, redirect_uri: str, cookie_secret: str, names: tuple[str, ...] = (), **settings: str) -> str:
        """A secrets.toml with a login here, under as many names as are given, and the toolkit's settings."""
        own = {"redirect_uri": redirect_uri, "cookie_secret": cookie_secret}
        service = {
            "client_id": CLIENT_ID, "client_secret": CLIENT_SECRET,
            "server_metadata_url": f"{self.url}/.well-known/openid-configuration",
        }  # fmt: skip
        named = "".join(f"[auth.{name}]\n{_toml(service)}" for name in names)
        return f"{_toml(settings)}[auth]\n{_toml(own if names else own | service)}{named}"

    def metadata(self) -> dict[str, Any]:
        return {
            "issuer": self.url,
            "authorization_endpoint": f"{self.url}/authorize",
            "token_endpoint": f"{self.url}/token",
            "end_session_endpoint": f"{self.url}/logout",
            "jwks_uri": f"{self.url}/keys",
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "code_challenge_methods_supported": ["S256"],
        }

    def begin(self, name: str, asked: dict[str, str]) -> str:
        """Somebody has chosen an account: where they are sent back to."""
        code = secrets.token_urlsafe(16)
        self._codes[code] = name, asked
        return f"{asked['redirect_uri']}?{urlencode({'code': code, 'state': asked['state']})}"

    def token(self, form: dict[str, str]) -> dict[str, Any] | None:
        """What a code is exchanged for, once, by whoever began with it; None for all else."""
        name, asked = self._codes.pop(form.get("code", ""), ("", {}))
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        proof = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        if not name or proof != asked.get("code_challenge"):
            return None
        now = int(time.time() if self.issued_at is None else self.issued_at)
        claims = {"iss": self.url, "aud": CLIENT_ID, "iat": now, "exp": now + 3600, "nonce": asked.get("nonce", "")}
        token = jwt.encode({"alg": "RS256", "kid": "one"}, claims | self.claims[name], _KEY)
        return {"access_token": secrets.token_urlsafe(16), "token_type": "Bearer", "id_token": token}


class _Handler(Handler):
    def answer(self) -> None:
        provider: OpenIdProvider = self.server.double
        path, asked = urlsplit(self.path).path, _flat(urlsplit(self.path).query)
        if path == "/.well-known/openid-configuration":
            self._json(provider.metadata())
        elif path == "/keys":
            self._json({"keys": [_KEY.as_dict(private=False)]})
        elif path == "/authorize":
            self._choose(provider, asked)
        elif path == "/chosen":
            self._redirect(provider.begin(asked.pop("account"), asked))
        elif path == "/token":
            self._token(provider)
        elif path == "/logout":
            provider.logged_out += 1
            self._redirect(asked["post_logout_redirect_uri"])
        else:
            self._send(404, "text/plain", b"no such page")

    def _choose(self, provider: OpenIdProvider, asked: dict[str, str]) -> None:
        links = [
            f'<p><a href="/chosen?{escape(urlencode(asked | {"account": name}))}">{escape(name)}</a></p>'
            for name in provider.claims
        ]
        self._send(200, "text/html", "".join(["<h1>Choose an account</h1>", *links]).encode())

    def _token(self, provider: OpenIdProvider) -> None:
        form = _flat(self.rfile.read(int(self.headers.get("Content-Length", 0))).decode())
        wanted = base64.b64encode(f"{CLIENT_ID}:{CLIENT_SECRET}".encode()).decode()
        known = self.headers.get("Authorization") == f"Basic {wanted}"
        token = provider.token(form) if known else None
        self._json(token or {"error": "invalid_grant"}, 200 if token else 400)

    def _json(self, value: object, status: int = 200) -> None:
        self._send(status, "application/json", json.dumps(value).encode())

    def _redirect(self, where: str) -> None:
        self._send(302, "text/plain", b"", Location=where)

    def _send(self, status: int, kind: str, body: bytes, **headers: str) -> None:
        self.send_response(status)
        for name, value in {"Content-Type": kind, "Content-Length": str(len(body)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)


def _toml(values: dict[str, str]) -> str:
    return "".join(f"{name} = {json.dumps(value)}\n" for name, value in values.items())


def _flat(query: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(query).items()}
