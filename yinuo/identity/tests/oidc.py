"""A small OpenID provider that really listens, checks what it is sent, and can be told to misbehave."""

import hashlib
import json
import secrets
import threading
import time
from base64 import b64decode, urlsafe_b64encode
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey

CLIENT, SECRET = "yinuo", "client-secret-77"


class Provider:
    def __init__(self) -> None:
        self.person = {"sub": "u-1", "email": "lin@example.cn", "email_verified": True, "name": "林晓雯"}
        self.key, self.kid = RSAKey.generate_key(2048), "first"
        self.published = [(self.key, self.kid)]
        self.codes: dict[str, dict[str, str]] = {}
        self.asked: list[str] = []
        self.claims: dict[str, Any] = {}  # said instead of the truth
        self.metadata: dict[str, Any] = {}
        self.back: dict[str, str] = {}  # added to the way back
        self.alg = "RS256"
        self.sign_with: Any = None
        self.answer: tuple[int, str] | None = None  # of the token endpoint
        provider = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.reply(*provider.get(self.path))

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                self.reply(*provider.token(body, self.headers.get("Authorization", "")))

            def reply(self, status: int, text: str) -> None:
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(text.encode())))
                self.end_headers()
                self.wfile.write(text.encode())

            def log_message(self, *_said: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.issuer = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()

    def rotate(self) -> None:
        self.key, self.kid = RSAKey.generate_key(2048), secrets.token_hex(4)
        self.published = [(self.key, self.kid)]

    def get(self, path: str) -> tuple[int, str]:
        self.asked.append(path)
        if path == "/.well-known/openid-configuration":
            says = {
                "issuer": self.issuer, "authorization_endpoint": f"{self.issuer}/authorize",
                "token_endpoint": f"{self.issuer}/token", "jwks_uri": f"{self.issuer}/keys",
                "authorization_response_iss_parameter_supported": True,
            }  # fmt: skip
            return 200, json.dumps(says | self.metadata)
        if path == "/keys":
            keys = [key.as_dict(private=False) | {"kid": kid, "use": "sig"} for key, kid in self.published]
            return 200, json.dumps({"keys": keys})
        return 404, "{}"

    def authorize(self, url: str) -> str:
        """What the browser gets from the provider's login page: the way back."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
        assert url.startswith(f"{self.issuer}/authorize?") and asked["response_type"] == "code"
        assert asked["client_id"] == CLIENT and asked["code_challenge_method"] == "S256" and "openid" in asked["scope"]
        code = secrets.token_hex(8)
        self.codes[code] = asked
        return f"{asked['redirect_uri']}?{urlencode({'code': code, 'state': asked['state'], 'iss': self.issuer} | self.back)}"

    def token(self, body: str, basic: str) -> tuple[int, str]:
        given = {name: values[0] for name, values in parse_qs(body).items()}
        self.asked.append("/token")
        if self.answer:
            return self.answer
        asked = self.codes.pop(given.get("code", ""), None)
        login = ":".join(unquote(part) for part in b64decode(basic.removeprefix("Basic ")).decode().split(":"))
        proof = urlsafe_b64encode(hashlib.sha256(given.get("code_verifier", "").encode()).digest()).decode().rstrip("=")
        good = asked and login == f"{CLIENT}:{SECRET}" and proof == asked["code_challenge"]
        if not good or given["redirect_uri"] != asked["redirect_uri"]:
            return 400, json.dumps({"error": "invalid_grant"})
        now = int(time.time())
        claims = {"iss": self.issuer, "aud": CLIENT, "iat": now, "exp": now + 300, "nonce": asked["nonce"]}
        claims = {k: v for k, v in {**claims, **self.person, **self.claims}.items() if v is not None}
        return 200, json.dumps({"access_token": "at", "token_type": "Bearer", "id_token": self.signed(claims)})

    def signed(self, claims: dict[str, Any]) -> str:
        if self.alg == "none":
            parts = [json.dumps(one).encode() for one in ({"alg": "none", "kid": self.kid}, claims)]
            return ".".join(urlsafe_b64encode(part).decode().rstrip("=") for part in parts) + "."
        if self.alg == "HS256":  # signed with what everybody knows: the public key, or the client's secret
            key: Any = OctKey.import_key(self.sign_with or SECRET)
            return jwt.encode({"alg": "HS256", "kid": self.kid}, claims, key)
        return jwt.encode({"alg": self.alg, "kid": self.kid}, claims, self.sign_with or self.key)
