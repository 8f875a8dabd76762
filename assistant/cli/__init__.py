"""The command line: ``python -m assistant ask|route|moderate|documents|policies|train|…``.

With ``--json`` one JSON document goes to standard output and nothing else. The exit code is 0 when
all went well, 1 when something could not be done, 2 when the command was not understood.
"""

from __future__ import annotations

import typer

from assistant.cli.asking import ask, route
from assistant.cli.documents import documents
from assistant.cli.measuring import evaluate
from assistant.cli.models import models
from assistant.cli.moderating import moderate
from assistant.cli.policies import policies
from assistant.cli.reviews import reviews
from assistant.cli.running import doctor, serve
from assistant.cli.thresholds import thresholds
from assistant.cli.training import train

app = typer.Typer(
    name="python -m assistant",
    help="Switchboard: a private chat assistant that runs on this computer.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.command()(ask)
app.command()(route)
app.command()(moderate)
app.add_typer(documents, name="documents")
app.command()(evaluate)
app.command()(train)
app.add_typer(models, name="models")
app.add_typer(reviews, name="reviews")
policies.command("thresholds")(thresholds)
app.add_typer(policies, name="policies")
app.command()(doctor)
app.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True})(serve)


def main() -> None:
    """Run the command line."""
    app(prog_name="python -m assistant")
