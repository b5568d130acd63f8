"""A second, independent solution of every exercise, in another style: the judge must accept it too."""

from importlib import import_module
from pkgutil import iter_modules

from autograder.exercise import Function

SECOND: dict[str, Function] = {}
for _module in iter_modules(__path__):
    for _name, _value in vars(import_module(f"{__name__}.{_module.name}")).items():
        if callable(_value) and not _name.startswith("_"):
            SECOND[_name] = _value
