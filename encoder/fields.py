"""The fields that waylink knows: what each holds, and the headers that members use for it."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from enum import StrEnum

CLIENT_ID = "client_id"
SERVICE, START, END = "service", "start", "end"


class Kind(StrEnum):
    """What a field holds, and so how it is cleaned and when it can be read."""

    NAME = "name"
    INITIAL = "initial"
    DATE = "date"
    SEX = "sex"
    NUMBER = "house number"
    STREET = "street"
    TEXT = "text"


SYNONYMS: Mapping[str, str] = {
    "client_id": "clientid clientno clientnumber clientkey id personid personalid participantid patientid studentid",
    "first_name": "firstname first given givenname forename fname namefirst studentfirst clientfirst patientfirst",
    "middle_initial": "middleinitial mi middle middlename mname namemiddle studentmi studentmiddle initial",
    "last_name": "lastname last family familyname surname lname namelast studentlast clientlast patientlast",
    "birth_date": "birthdate dob dateofbirth birthday born birthdt studentdob",
    "sex": "sex gender studentsex studentgender",
    "street_number": "streetnumber streetno number no addressnumber addrno addrnumber houseno housenumber house",
    "street_name": "streetname street addressstreet addrstreet road",
    "service": "service servicename servicetype program programme programname project projectname",
    "start": "start entry startdate entrydate begin begindate from admitted admissiondate enrolldate opened",
    "end": "end exit enddate exitdate until to discharged dischargedate closed",
}
"""Headers (letters and digits only, lower case) that members use for each field."""

_FIELD_OF = {word: name for name, words in SYNONYMS.items() for word in words.split()}
_KINDS = {
    "first_name": Kind.NAME,
    "middle_initial": Kind.INITIAL,
    "last_name": Kind.NAME,
    "birth_date": Kind.DATE,
    "sex": Kind.SEX,
    "street_number": Kind.NUMBER,
    "street_name": Kind.STREET,
}


def known_field(name: str) -> str:
    """The field that a header or a schema's identifier is a known name of ("" for none)."""
    return _FIELD_OF.get(letters_of(name), "")


def kind_of(field: str) -> Kind:
    """What a linkage schema's field holds, by its identifier."""
    return _KINDS.get(known_field(field), Kind.TEXT)


def letters_of(name: str) -> str:
    """A header's letters and digits, case folded: what is left to compare it by."""
    return "".join(sign for sign in unicodedata.normalize("NFKC", name).casefold() if sign.isalnum())
