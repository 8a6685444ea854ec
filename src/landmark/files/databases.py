"""Databases by address: which driver stands behind a plain one, and in which package it comes."""

from __future__ import annotations

from typing import Any

DRIVERS = {
    "postgresql": ("postgresql+psycopg", "psycopg[binary]"),
    "mysql": ("mysql+pymysql", "PyMySQL"),
    "mariadb": ("mariadb+pymysql", "PyMySQL"),
}


def driven(url: Any) -> Any:
    """Return SQLAlchemy's URL of a database with the driver that we use, where it names none."""
    driver, _ = DRIVERS.get(url.drivername, (url.drivername, ""))
    return url.set(drivername=driver)


def installing(url: Any, missing: str) -> str:
    """Return how to install the driver of a URL, of which a module is missing."""
    return f"pip install '{dict(DRIVERS.values()).get(driven(url).drivername, missing)}'"
