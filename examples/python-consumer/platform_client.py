"""What a consumer asks of the profile service: the same calls in any language."""

import json
import os
import time
import urllib.error
import urllib.parse
import urllib.request


def secret(name):
    """NAME, or the content of the file that NAME_FILE names."""
    file = os.environ.get(f"{name}_FILE")
    if file:
        with open(file, encoding="utf-8") as text:
            return text.read().strip()
    return os.environ.get(name)


class PlatformClient:
    def __init__(self):
        self.url = os.environ.get("PROFILE_URL", "http://127.0.0.1:3000")
        self._token = (secret("TOKEN"), float("inf"))

    def register(self, group):
        """From now on an erasure is not complete without this group."""
        self._call("PUT", f"/v1/consumer-groups/{group}")

    def keys(self, customer_ids):
        """Symmetric JWKs by customer; None of who has been erased. An unknown id is an error."""
        answers = self._call("POST", "/v1/personal-data-keys", {"customerIds": customer_ids})
        return {item["customerId"]: item.get("key") for item in answers["items"]}

    def confirm_erasure(self, erasure_id, group):
        self._call("POST", f"/v1/erasures/{erasure_id}/confirmations", {"consumerGroup": group})

    def _call(self, method, path, body=None):
        headers = {"Authorization": f"Bearer {self._bearer()}"}
        data = None
        if body is not None:
            data = json.dumps(body).encode()
            headers["Content-Type"] = "application/json"
        request = urllib.request.Request(self.url + path, data, headers, method=method)
        with urllib.request.urlopen(request, timeout=10) as answer:
            text = answer.read()
        return json.loads(text) if text else None

    def _bearer(self):
        token, until = self._token
        if token is None or time.monotonic() > until:
            token, until = self._token = self._new_token()
        return token

    def _new_token(self):
        """OAuth 2.0 client credentials (RFC 6749 section 4.4)."""
        form = urllib.parse.urlencode(
            {
                "grant_type": "client_credentials",
                "client_id": os.environ["AUTH_CLIENT_ID"],
                "client_secret": secret("AUTH_CLIENT_SECRET"),
            }
        )
        url = os.environ.get("AUTH_TOKEN_URL", f"{self.url}/oauth/token")
        with urllib.request.urlopen(url, form.encode(), timeout=10) as answer:
            given = json.load(answer)
        return given["access_token"], time.monotonic() + given["expires_in"] * 0.8
