"""Opens personal data: a compact JWE (dir, A256GCM) under the key of the customer that its kid names."""

import base64
import json

from joserfc import jwe
from joserfc.jwk import OctKey

ALGORITHMS = ["dir", "A256GCM"]
GROUPS = ("addresses", "preferences", "consents")


def kid_of(token):
    """The protected header is not secret, and checked when the text is opened (RFC 7516 section 7.1)."""
    header = token.split(".")[0]
    return json.loads(base64.urlsafe_b64decode(header + "=" * (-len(header) % 4)))["kid"]


class Opener:
    def __init__(self, platform):
        self.platform = platform
        self.keys = {}

    def forget(self, customer_ids):
        for customer_id in customer_ids:
            self.keys.pop(customer_id, None)

    def open_all(self, bodies):
        """Opened data by the identity of each body. A key that cannot be had is an error, and never an erasure."""
        self._fetch({kid_of(body["personal"]) for body in bodies})
        opened = {id(body): {**body, "personal": self._open(body["personal"])} for body in bodies}
        merged = [data["personal"] for data in opened.values() if data["personal"] is not None]
        # A merged customer has values of another, sealed under the other's key.
        self._fetch({kid_of(part) for personal in merged for part in personal.get("lent", [])})
        for personal in merged:
            for part in personal.pop("lent", []):
                lay_over(personal, self._open(part))
        return opened

    def _fetch(self, customer_ids):
        missing = [one for one in customer_ids if one not in self.keys]
        if missing:
            for customer_id, jwk in self.platform.keys(missing).items():
                self.keys[customer_id] = None if jwk is None else OctKey.import_key(jwk)

    def _open(self, token):
        key = self.keys[kid_of(token)]
        if key is None:
            return None  # the key was destroyed: the customer has been erased
        return json.loads(jwe.decrypt_compact(token, key, algorithms=ALGORITHMS).plaintext)


def lay_over(personal, part):
    for name in ("current", "previous"):
        for member, value in (part or {}).get(name, {}).items():
            if member in GROUPS:
                personal[name].setdefault(member, {}).update(value)
            else:
                personal[name][member] = value
