"""What is in `data` of an event, opened. Made by `npm run update:docs` from libs/contracts/published.

Version 1 of /profile's events; members that are not named here may come any day.
"""

from typing import Literal, NotRequired, TypedDict


class Address(TypedDict):
    line1: str
    line2: NotRequired[str]
    city: str
    region: NotRequired[str]
    postalCode: NotRequired[str]
    country: str


class Addresses(TypedDict):
    home: NotRequired[Address]
    billing: NotRequired[Address]
    shipping: NotRequired[Address]


class Consent(TypedDict):
    granted: bool
    at: str
    source: NotRequired[str]
    proof: NotRequired[str]


class Customer(TypedDict):
    accountNumber: str
    title: NotRequired[str]
    givenName: str
    familyName: str
    email: NotRequired[str]
    phone: NotRequired[str]
    birthDate: NotRequired[str]
    addresses: Addresses
    preferences: dict[str, str | float | bool]
    id: str
    version: int
    consents: dict[str, Consent]
    createdAt: str
    updatedAt: str


class Personal(TypedDict):
    current: Customer
    previous: dict


class OpenedData(TypedDict):
    changed: list[str]
    personal: Personal | None
    erased: NotRequired[Literal[True]]


class MergedData(TypedDict):
    changed: list[str]
    personal: Personal | None
    erased: NotRequired[Literal[True]]
    role: Literal["survivor", "duplicate"]
    mergeId: str
    survivorId: str
    duplicateId: str


class ErasedData(TypedDict):
    changed: list[str]
    erasureId: str
