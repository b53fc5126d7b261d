"""What an export shows of each kind of thing: the message of the API, as JSON on one line."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from google.protobuf import json_format
from google.protobuf.message import Message

from syncline.v1 import integration_pb2
from syncline_server.core import etags
from syncline_server.core.catalogue import Catalogue
from syncline_server.core.model import ConnectionRow
from syncline_server.rpc.messages import option
from syncline_server.rpc.messages.change import change
from syncline_server.rpc.messages.connection import connection
from syncline_server.rpc.messages.customer import customer
from syncline_server.rpc.messages.invoice import invoice
from syncline_server.rpc.messages.invoice_link import invoice_link
from syncline_server.rpc.messages.issue import issue
from syncline_server.rpc.messages.mapping import contact_mapping, item_mapping, tax_mapping
from syncline_server.rpc.messages.node import node
from syncline_server.rpc.messages.product import product
from syncline_server.rpc.messages.run import run
from syncline_server.rpc.messages.settings import duration
from syncline_server.rpc.messages.tax_code import tax_code
from syncline_server.services.workspace_contents import StoredSettings

_PLAIN: Final[Mapping[str, Callable[[Any], Any]]] = {
    "customers": customer,
    "products": product,
    "tax_codes": tax_code,
    "invoices": invoice,
    "contact_mappings": contact_mapping,
    "item_mappings": item_mapping,
    "tax_mappings": tax_mapping,
    "invoice_links": invoice_link,
    "modules": lambda found: node(*found),
    "runs": run,
    "run_issues": lambda found: issue(*found),
    "changes": change,
}


class ExportedMessages:
    """Renders what an export holds.

    :param catalogue: what is installed; a connection of a provider that is not is shown without
        its title.
    """

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self._rendered: Mapping[str, Callable[[Any], Any]] = {
            **_PLAIN,
            "connections": self._connection,
            "settings": _settings,
        }

    def line(self, kind: str, found: object) -> tuple[str, str]:
        """Return the full name of the message that shows it, and it as JSON."""
        message: Message = self._rendered[kind](found)
        text = json_format.MessageToJson(
            message, preserving_proto_field_name=True, indent=None, ensure_ascii=False
        )
        return message.DESCRIPTOR.full_name, text

    def _connection(self, row: ConnectionRow) -> integration_pb2.Connection:
        if row.key.provider in self._catalogue.providers:
            return connection(row, self._catalogue)
        return integration_pb2.Connection(
            name=str(row.key),
            provider=row.key.provider,
            state=f"STATE_{row.state}",
            state_reason=row.state_reason,
        )


def _settings(found: StoredSettings) -> integration_pb2.Settings:
    """Return settings as they are stored: toggles that are on, options that were chosen."""
    stored = found.settings
    return integration_pb2.Settings(
        name=f"{found.connection}/settings",
        toggles=dict.fromkeys(sorted(stored.on), True),
        options=option.struct(stored.options),
        automatic_intervals={name: duration(each) for name, each in stored.intervals.items()},
        update_time=stored.update_time,
        etag=etags.of(stored.version),
    )
