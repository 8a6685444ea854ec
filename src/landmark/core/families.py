"""A family is its folder plus the entry points of installed packages: nothing is registered anywhere."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from importlib import import_module
from importlib.metadata import entry_points
from pkgutil import iter_modules
from typing import Any, Generic, TypeVar, cast

from landmark.core.errors import UserError, did_you_mean

Member = TypeVar("Member")


class Family(Generic[Member]):
    """The variants of one kind: file `x.py` in the folder is the variant `x` in the document.

    Member is the protocol every module of the family satisfies; `landmark.laws` checks that it does.
    """

    def __init__(self, package: str) -> None:
        self.package = package

    def names(self) -> tuple[str, ...]:
        """Return the names of all variants, without importing one."""
        return tuple(sorted(_places(self.package)))

    def __contains__(self, name: object) -> bool:
        return name in _places(self.package)

    def __getitem__(self, name: str) -> Member:
        """Import and return one variant. Raises: UserError when there is none of that name."""
        places = _places(self.package)
        if name not in places:
            kind = self.package.rpartition(".")[2]
            raise UserError(kind, f"'{name}' is none of the {kind}", fix=did_you_mean(name, places))
        return cast(Member, import_module(places[name]))

    def __iter__(self) -> Iterator[str]:
        return iter(self.names())

    def items(self) -> Iterator[tuple[str, Member]]:
        """Yield every variant with its name, in the order of names."""
        for name in self.names():
            yield name, self[name]


@cache
def _places(package: str) -> dict[str, str]:
    """Return variant -> module path; the folder comes first, an entry point may add but not replace."""
    folder: Any = import_module(package)
    outside = {point.name: point.value for point in entry_points(group=package)}
    inside = {m.name: f"{package}.{m.name}" for m in iter_modules(folder.__path__) if not m.name.startswith("_")}
    return outside | inside
