"""The command line, `python -m bot …`; a file a command, loaded only when it is called."""

import importlib

import click

from bot.domain.errors import BadRows, BotError

COMMANDS = {
    "setup": "bot.cli.setup:setup",
    "serve": "bot.cli.serve:serve",
    "announce": "bot.cli.announce:announce",
    "staff": "bot.cli.staff:staff",
    "audit": "bot.cli.audit:audit",
    "console-link": "bot.cli.console_link:console_link",
    "purge": "bot.cli.purge:purge",
    "export": "bot.cli.export:export",
    "demo": "bot.cli.demo:demo",
    "import-directory": "bot.cli.import_directory:import_directory",
    "understand": "bot.cli.understand:understand",
    "evaluate": "bot.cli.evaluate:evaluate",
    "retrain": "bot.cli.retrain:retrain",
    "rollback": "bot.cli.rollback:rollback",
    "api-client": "bot.cli.api_client:api_client",
    "webhook": "bot.cli.webhook:webhook",
    "export-directory": "bot.cli.export_directory:export_directory",
    "report": "bot.cli.report:report",
    "when": "bot.cli.when:when",
    "where": "bot.cli.where:where",
    "knowledge": "bot.cli.knowledge:knowledge",
    "export-dialogue-tests": "bot.cli.export_dialogue_tests:export_dialogue_tests",
}


class Commands(click.Group):
    """Finds a command by name and loads its file; errors of ours become a sentence and exit code 1."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Every name."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command, or None."""
        if cmd_name not in COMMANDS:
            return None
        module, name = COMMANDS[cmd_name].split(":")
        command: click.Command = getattr(importlib.import_module(module), name)
        return command

    def invoke(self, ctx: click.Context) -> object:
        """Run it; tell bad rows one by one."""
        try:
            return super().invoke(ctx)
        except BadRows as bad:
            for line, reason in bad.rows:
                click.echo(f"第 {line} 行：{reason}", err=True)
            raise click.ClickException(bad.words) from bad
        except BotError as error:
            raise click.ClickException(error.words) from error


@click.group(cls=Commands)
def main() -> None:
    """半边天 on the command line."""
