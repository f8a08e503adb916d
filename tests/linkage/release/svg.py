"""Looking into an SVG."""

from __future__ import annotations

from xml.etree import ElementTree as ET

SVG = "{http://www.w3.org/2000/svg}"


def parsed(data: bytes) -> ET.Element:
    return ET.fromstring(data)  # noqa: S314 (our own bytes)


def texts(svg: ET.Element) -> list[str]:
    """What can be read in it, without titles and descriptions."""
    return [text.text or "" for text in svg.iter(f"{SVG}text")]


def hatched(svg: ET.Element) -> list[ET.Element]:
    """What is drawn as hidden."""
    return [box for box in svg.iter(f"{SVG}rect") if box.get("class") == "hidden"]
