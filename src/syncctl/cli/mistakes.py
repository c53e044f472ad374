"""A wrong command line in our own words: what was typed, what is allowed, and an example. No I/O.

Typer tells these mistakes apart by classes without a public name; they are recognised by what they carry.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

from syncctl.errors import NAMES_SHOWN_MAX, UsageError, no_such

EXAMPLE_NUMBER: Final = 50
"""What an example shows for a number without a default."""
_EXTRA: Final = re.compile(r"argument\(s\) \((.+)\)$")
"""Where Typer's message holds the words that nobody asked for."""


def in_our_words(error: Any, root: Any) -> UsageError:
    """The same mistake as a UsageError with a fix. `error` is one of Typer's; `root` is the whole command tree."""
    kind = type(error).__name__
    if kind == "NoSuchOption":
        return _no_such_option(error)
    if kind == "BadOptionUsage":
        return _wrong_use(error.option_name, root)
    if kind == "MissingParameter":
        return _missing(error)
    if kind == "BadParameter" and error.param is not None:
        return _bad_value(error)
    extra = _EXTRA.search(str(error))
    if extra and error.ctx is not None:
        known = _usage(error.ctx)
        return UsageError(f"`{_path(error.ctx)}` has no use for {extra[1]!r}", fix=f"write {known}")
    said = str(error).strip().rstrip(".") or "a command is missing"
    return UsageError(said[:1].lower() + said[1:], fix=_help(error.ctx))


def no_such_command(path: str, typed: str, known: list[str]) -> UsageError:
    """The error for a command that does not exist; `path` is what stands before it."""
    found = no_such("command", typed, known)
    more = f"; {path} --help lists them" if len(known) > NAMES_SHOWN_MAX and "?" not in found.fix else ""
    return UsageError(f"`{path}` has no command {typed!r}", fix=f"{found.fix}{more}")


def _no_such_option(error: Any) -> UsageError:
    path = _path(error.ctx)
    options = [name for parameter in error.ctx.command.params for name in parameter.opts if name.startswith("--")]
    found = no_such("option", error.option_name, {*options, "--help"})
    return UsageError(f"`{path}` has no option {error.option_name}", fix=found.fix)


def _wrong_use(name: str, root: Any) -> UsageError:
    """A flag with a value, or an option without its own. Typer does not say of which command."""
    found = next((one for one in _parameters(root) if name in one.opts), None)
    if found is None or found.is_flag:
        return UsageError(f"{name} takes no value", fix=f"write {name} alone, or leave it out")
    return UsageError(f"{found.opts[0]} needs a value", fix=f"write {found.opts[0]} {_metavar(found)}: {found.help}")


def _parameters(command: Any) -> Iterator[Any]:
    """The options and arguments of a command and of all commands below it."""
    yield from command.params
    for inner in getattr(command, "commands", {}).values():
        yield from _parameters(inner)


def _missing(error: Any) -> UsageError:
    parameter = error.param
    if _is_option(parameter):
        what = f"{parameter.opts[0]} is missing: {parameter.help}"
    else:
        what = f"{_metavar(parameter)} is missing: {parameter.help}"
    return UsageError(what.rstrip("."), fix=f"write {_usage(error.ctx)}")


def _bad_value(error: Any) -> UsageError:
    parameter = error.param
    name = parameter.opts[0] if _is_option(parameter) else _metavar(parameter)
    typed = _typed(error)
    said = f"; {typed!r} is none" if typed is not None else ""
    return UsageError(f"{name} takes {_allowed(parameter)}{said}", fix=f"for example: {_example(error.ctx, parameter)}")


def _typed(error: Any) -> str | None:
    """The value as it was typed, from what Typer's converter says; None when it says nothing."""
    problems = getattr(error.__cause__, "errors", None)
    return str(problems()[0]["input"]) if problems is not None else None


def _whole(parameter: Any) -> bool:
    return getattr(getattr(parameter, "type_descriptor", None), "annotation", None) is int


def _allowed(parameter: Any) -> str:
    """`a whole number from 0 to 65,000`."""
    noun = "a whole number" if _whole(parameter) else "a number"
    least, most = (getattr(parameter, name, None) for name in ("min", "max"))
    if least is not None and most is not None:
        return f"{noun} from {least:,} to {most:,}"
    if least is not None:
        return f"{noun}, {least:,} or more"
    return noun if most is None else f"{noun}, {most:,} or less"


def _example(context: Any, parameter: Any) -> str:
    value = parameter.default if isinstance(parameter.default, int | float) else EXAMPLE_NUMBER
    if _is_option(parameter):
        return f"{_path(context)} {parameter.opts[0]} {value}"
    return _usage(context).replace(_metavar(parameter), str(value))


def _usage(context: Any) -> str:
    """The command with everything it must have: `syncctl ops settle OPERATION --as VERDICT --note TEXT`."""
    if context is None:
        return "syncctl --help"
    parameters = context.command.params
    arguments = [
        _metavar(one) if one.required else f"[{_metavar(one).strip('[].')}]"
        for one in parameters
        if not _is_option(one)
    ]
    options = [f"{one.opts[0]} {_metavar(one)}" for one in parameters if _is_option(one) and one.required]
    return " ".join([_path(context), *arguments, *options])


def _metavar(parameter: Any) -> str:
    return str(parameter.metavar or "TEXT")


def _is_option(parameter: Any) -> bool:
    return str(parameter.opts[0]).startswith("-")


def _path(context: Any) -> str:
    return str(context.command_path)


def _help(context: Any) -> str:
    return f"{_path(context)} --help" if context is not None else "syncctl --help"
