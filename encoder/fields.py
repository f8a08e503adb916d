"""The fields that waylink knows: what each holds, and the headers that members use for it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from enum import StrEnum

CLIENT_ID = "client_id"
SERVICE, START, END = "service", "start", "end"
FULL_NAME, ADDRESS = "full_name", "address"


class Kind(StrEnum):
    """What a field holds, and so how it is cleaned and when it can be read."""

    FIRST_NAME = "first name"
    LAST_NAME = "last name"
    INITIAL = "initial"
    DATE = "date"
    SEX = "sex"
    NUMBER = "house number"
    STREET = "street"
    SSN = "social security number"
    SSN_LAST_FOUR = "last four digits of a social security number"
    POSTCODE = "postcode"
    PHONE = "telephone number"
    MAIL = "e-mail address"
    TOWN = "town"
    TEXT = "text"


SYNONYMS: Mapping[str, str] = {
    "client_id": "clientid clientno clientnumber clientkey id personid personalid participantid patientid "
    "studentid memberid caseid caseno casenumber mrn uniqueid uniqueidentifier recordid hmisid customerid guestid",
    "first_name": "firstname first given givenname givennames forename fname namefirst studentfirst clientfirst "
    "patientfirst legalfirst legalfirstname nombre nombres prenom vorname nome imie",
    "middle_initial": "middleinitial mi middle middlename middlenames mname minit namemiddle studentmi "
    "studentmiddle initial segundonombre",
    "last_name": "lastname last family familyname surname lname namelast studentlast clientlast patientlast "
    "legallast legallastname apellido apellidos nomdefamille nachname familienname cognome sobrenome nazwisko",
    "birth_date": "birthdate dob dateofbirth birthday born birthdt studentdob bdate dobirth fechadenacimiento "
    "fechanacimiento datedenaissance naissance geburtsdatum geboren datadinascita datadenascimento",
    "sex": "sex gender studentsex studentgender sexatbirth birthsex legalsex genderidentity sexo genero sexe "
    "geschlecht",
    "street_number": "streetnumber streetno number no addressnumber addrno addrnumber houseno housenumber housenum "
    "house stno hausnummer numero",
    "street_name": "streetname street addressstreet addrstreet road stname calle rue strasse straße",
    "ssn": "ssn socialsecuritynumber socialsecurity socsec socsecno ss ssno ssnumber socialsecurityno",
    "ssn_last4": "ssnlast4 last4ssn ssn4 last4 last4ofssn ssnlastfour lastfourssn last4digitsofssn",
    "postcode": "postcode postalcode zip zipcode zip5 homezip zippostalcode plz codigopostal codepostal",
    "phone": "phone phonenumber telephone telephonenumber tel mobile mobilephone cell cellphone homephone "
    "primaryphone phoneno telefono",
    "email": "email emailaddress mail correo",
    "city": "city town municipality ciudad ville stadt ort",
    "full_name": "fullname name clientname personname participantname patientname studentname legalname nameoffull "
    "nombrecompleto",
    "address": "address streetaddress address1 addressline1 addr addr1 homeaddress mailingaddress "
    "residentialaddress direccion adresse",
    "name_quality": "namedataquality",
    "ssn_quality": "ssndataquality",
    "birth_date_quality": "dobdataquality",
    "service": "service servicename servicetype program programme programname project projectname",
    "start": "start entry startdate entrydate begin begindate from admitted admissiondate enrolldate "
    "enrollmentdate opened checkin checkindate intakedate",
    "end": "end exit enddate exitdate until to discharged dischargedate closed closedate checkout checkoutdate",
}
"""Headers (letters and digits only, lower case) that members use for each field."""

SOURCES: Mapping[str, tuple[str, ...]] = {
    "first_name": (FULL_NAME,),
    "middle_initial": (FULL_NAME,),
    "last_name": (FULL_NAME,),
    "street_number": (ADDRESS,),
    "street_name": (ADDRESS,),
    "ssn_last4": ("ssn",),
}
"""The fields that another column may hold as well, where a field has no column of its own."""

QUALITY: Mapping[str, str] = {
    "first_name": "name_quality",
    "middle_initial": "name_quality",
    "last_name": "name_quality",
    "ssn": "ssn_quality",
    "ssn_last4": "ssn_quality",
    "birth_date": "birth_date_quality",
}
"""The columns in which HMIS says how far a field can be relied on; a list may have them."""

_FIELD_OF = {word: name for name, words in SYNONYMS.items() for word in words.split()}
_KINDS = {
    "first_name": Kind.FIRST_NAME,
    "middle_initial": Kind.INITIAL,
    "last_name": Kind.LAST_NAME,
    "birth_date": Kind.DATE,
    "sex": Kind.SEX,
    "street_number": Kind.NUMBER,
    "street_name": Kind.STREET,
    "ssn": Kind.SSN,
    "ssn_last4": Kind.SSN_LAST_FOUR,
    "postcode": Kind.POSTCODE,
    "phone": Kind.PHONE,
    "email": Kind.MAIL,
    "city": Kind.TOWN,
}
_ASIDE = re.compile(r"\([^()]*\)|\[[^\[\]]*\]")
_WHOSE = re.compile(
    r"^(?:client|participant|patient|student|person|member|customer|consumer|guest|resident|youth|applicant|individual|cust|pt|hoh)s?"
    r"(?=.{2})"
)


def known_field(name: str) -> str:
    """The field that a header or a schema's identifier is a known name of ("" for none).

    Case, spaces and signs do not count, nor do what stands in brackets ("DOB (mm/dd/yyyy)") and whose it is
    ("Client's Last Name").
    """
    letters = letters_of(name)
    if letters in _FIELD_OF:
        return _FIELD_OF[letters]
    bare = letters_of(_ASIDE.sub(" ", name))
    return _FIELD_OF.get(bare) or _FIELD_OF.get(_WHOSE.sub("", bare), "")


def kind_of(field: str) -> Kind:
    """What a linkage schema's field holds, by its identifier."""
    return _KINDS.get(known_field(field), Kind.TEXT)


def letters_of(name: str) -> str:
    """A header's letters and digits, case folded: what is left to compare it by."""
    return "".join(sign for sign in unicodedata.normalize("NFKC", name).casefold() if sign.isalnum())
