"""HTML as elements: what is a name is text, and never markup."""

from __future__ import annotations

from xml.etree.ElementTree import Element, SubElement, tostring  # writes only: nothing is parsed


def add(parent: Element, tag: str, text: str = "", look: str = "", **attributes: str) -> Element:
    """Put an element into another one: its text, its class, its attributes."""
    if look:
        attributes["class"] = look
    element = SubElement(parent, tag, attributes)
    if text:
        element.text = text
    return element


def page_bytes(html: Element) -> bytes:
    """The page as UTF-8."""
    return b"<!DOCTYPE html>\n" + bytes(tostring(html, encoding="UTF-8", method="html")) + b"\n"
