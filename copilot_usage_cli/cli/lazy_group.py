"""A Typer group that imports and builds a command only when it is called: a run needs one of them."""

from collections.abc import Sequence
from importlib import import_module
from typing import TYPE_CHECKING, Any, NamedTuple

import typer
import typer.main

from copilot_usage_cli.cli.help_pages import HelpCommand, HelpGroup

if TYPE_CHECKING:
    from typer.core import TyperGroup


class Command(NamedTuple):
    """A command: its name, the first sentence of its help, and where it is, as `module:function` or `module:app`."""

    name: str
    help: str
    location: str


def lazy_group(commands: Sequence[Command]) -> "type[TyperGroup]":
    """Return the class of a group that has these commands."""
    by_name = {command.name: command for command in commands}

    class LazyGroup(HelpGroup):
        def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002 - as in TyperGroup
            return list(by_name)

        def get_command(self, ctx: Any, cmd_name: str) -> Any:  # noqa: ARG002 - as in TyperGroup
            if cmd_name in by_name and cmd_name not in self.commands:
                self.commands[cmd_name] = _build(by_name[cmd_name])
            return self.commands.get(cmd_name)

        def resolve_command(self, ctx: Any, args: list[str]) -> Any:
            if args[0] not in by_name and not ctx.resilient_parsing:
                from copilot_usage_cli.cli.suggestions import unknown_command

                raise unknown_command(ctx.command_path, args, list(by_name))
            return super().resolve_command(ctx, args)

        def command_lines(self) -> list[tuple[str, str]]:
            return [(command.name, command.help) for command in commands]

    return LazyGroup


def _build(command: Command) -> Any:
    module, _, name = command.location.partition(":")
    app = getattr(import_module(module), name)
    if not isinstance(app, typer.Typer):
        function, app = app, typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)
        app.command(command.name, cls=HelpCommand)(function)
    built: Any = typer.main.get_command(app)
    built.name = command.name
    return built
